/** Types of the addon's checkpoint reader (checkpoint.cc). */
declare const checkpointBrand: unique symbol;
/** An open checkpoint; freed by the garbage collector. */
export interface NativeCheckpoint {
  readonly [checkpointBrand]: true;
}

export interface CheckpointVariable {
  readonly name: string;
  /** TensorFlow's DataType. */
  readonly dtype: number;
  readonly shape: readonly number[];
}

export interface CheckpointFunctions {
  /** @param prefix path without `.index` @throws TensorFlow's error */
  openCheckpoint(prefix: string): {
    readonly checkpoint: NativeCheckpoint;
    readonly variables: readonly CheckpointVariable[];
  };
  /**
   * Copies a variable into `values`, which must have as many bytes. TensorFlow allocates the memory
   * that the file states: compare its shape first.
   */
  readCheckpoint(checkpoint: NativeCheckpoint, name: string, values: Uint8Array): void;
  closeCheckpoint(checkpoint: NativeCheckpoint): void;
}
