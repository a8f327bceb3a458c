/** The limits that the other end of a connection is held to. */

/** Version of the control protocol and the data frames; a worker with another one is refused. */
export const PROTOCOL_VERSION = 14;

/** Largest control message; it holds a block of a checkpoint and a few fields. */
export const CONTROL_MESSAGE_BYTES_MAX = 2 * 1024 * 1024;

/** Blocks of a checkpoint that may be on their way to one receiver; heartbeats wait behind them. */
export const BLOCKS_UNDER_WAY_MAX = 4;

/** Payload of one data frame: large enough to amortize the header, small enough to pipeline. */
export const FRAME_PAYLOAD_BYTES_MAX = 1024 * 1024;

/**
 * Bytes handed to one peer's socket before the next frame waits. The kernel has its own buffer, and
 * a frame that is packed just before it leaves is still in the processor's cache.
 */
export const PEER_SEND_BYTES_MAX = 512 * 1024;

/** Bytes handed to the sockets of all peers together, which share a network and memory. */
export const PEERS_SEND_BYTES_MAX = 6 * 1024 * 1024;

/** Bytes queued on one socket before the sender waits (relay: before frames are refused). */
export const SEND_QUEUE_BYTES_MAX = 64 * 1024 * 1024;

/** Connections a coordinator holds before their Hello, and how long each may take over it. */
export const PENDING_CONNECTIONS_MAX = 256;
export const HELLO_TIMEOUT_MS = 10_000;

/** HTTP header by which a coordinator that takes no workers in yet tells them what it waits for. */
export const WAIT_HEADER = 'Crescendo-Wait';

/** Workers in one cluster: slots are 0 to this minus one. */
export const WORKERS_MAX = 4096;

/** Non-finite micro-batches that one report names; the reduced vector has the count of all. */
export const NONFINITE_NAMED_MAX = 64;

/** Class names that a worker says, and the length of each. */
export const CLASS_NAMES_SAID_MAX = 1000;
export const CLASS_NAME_CHARACTERS_MAX = 200;

/** Longest string in a Hello. */
export const HELLO_TEXT_CHARACTERS_MAX = 1024;

/** Unreadable images that the report of an evaluation batch names, and the length of each text. */
export const UNREADABLE_NAMED_MAX = 8;
export const UNREADABLE_CHARACTERS_MAX = 500;

/** Bad training samples in one message, and the length of the name of each. */
export const BAD_SAMPLES_NAMED_MAX = 64;
export const UNREADABLE_NAME_CHARACTERS_MAX = 4096;
