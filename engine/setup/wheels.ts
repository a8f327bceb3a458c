/**
 * The TensorFlow wheels this project is built against, pinned by SHA-256. A wheel is a zip: pip
 * only fetches it, no Python runs from it, so one Python version's wheel serves everybody.
 */
export const TENSORFLOW_VERSION = '2.21.0';

export interface WheelPin {
  readonly packageName: string;
  readonly version: string;
  /** Platform tag and Python version that pip is asked for. */
  readonly platformTag: string;
  readonly pythonVersion: string;
  readonly sha256: string;
  /** Download size, for progress and the disk check. */
  readonly bytes: number;
  /** Size of what is unpacked from it. */
  readonly unpackedBytes: number;
}

/** CPU wheels by `${process.platform}-${process.arch}`. */
export const CPU_WHEELS: Readonly<Record<string, WheelPin>> = {
  'linux-x64': {
    packageName: 'tensorflow-cpu',
    version: TENSORFLOW_VERSION,
    platformTag: 'manylinux_2_27_x86_64',
    pythonVersion: '311',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    bytes: 273_829_956,
    unpackedBytes: 860_000_000,
  },
};

/** Files of the wheel that are needed: the two libraries, and the headers the binding includes. */
export function isNeeded(path: string): boolean {
  return (
    /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(path) ||
    /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|xla\/tsl|tsl)\/.*\.h$/.test(
      path,
    )
  );
}
