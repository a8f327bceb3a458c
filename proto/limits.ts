/** Every limit that a peer could press on, in one place. */

/** Version of the control protocol and the data frames; a worker with another one is refused. */
export const PROTOCOL_VERSION = 5;

/** Largest control message: the biggest is a weights chunk plus a few fields. */
export const CONTROL_MESSAGE_BYTES_MAX = 2 * 1024 * 1024;

/** Payload of one weights chunk on the way to the coordinator. */
export const WEIGHTS_CHUNK_BYTES = 1024 * 1024;

/** Payload of one data frame: large enough to amortise the header, small enough to pipeline. */
export const FRAME_PAYLOAD_BYTES_MAX = 1024 * 1024;

/**
 * Bytes handed to a peer's socket before the next frame waits: the kernel has its own buffer, and what
 * is packed just before it leaves is still in the cache.
 */
export const PEER_SEND_BYTES_MAX = 512 * 1024;

/** To all peers together: they share a network, and what is packed for them takes memory. */
export const PEERS_SEND_BYTES_MAX = 6 * 1024 * 1024;

/** Bytes queued on one socket before the sender waits (relay: before frames are refused). */
export const SEND_QUEUE_BYTES_MAX = 64 * 1024 * 1024;

/** Connections a coordinator holds before their Hello, and how long each may take over it. */
export const PENDING_CONNECTIONS_MAX = 256;
export const HELLO_TIMEOUT_MS = 10_000;

/** Workers in one cluster: slots are 0 to this minus one. */
export const WORKERS_MAX = 4096;

/** Non-finite micro-batches that one report names; the count of all is in the sum. */
export const NONFINITE_NAMED_MAX = 64;

/** Longest string in a Hello. */
export const HELLO_TEXT_CHARACTERS_MAX = 1024;
