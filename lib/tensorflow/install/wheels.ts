/**
 * The wheels against which this project is built, pinned by SHA-256. A wheel is a zip file. pip
 * only fetches it and no Python runs from it, so the wheel of one Python version serves everyone.
 * On a machine with an NVIDIA GPU, the CUDA libraries of TensorFlow's `and-cuda` extra are unpacked
 * beside TensorFlow, where its own run path (`../nvidia/<part>/lib`) finds them.
 * `scripts/pin-wheels.py` prints these tables.
 */
export const TENSORFLOW_VERSION = '2.21.0';

export type EngineVariant = 'cpu' | 'gpu';

export interface WheelPin {
  readonly packageName: string;
  readonly version: string;
  /** Platform tag for pip. */
  readonly platformTag: string;
  readonly sha256: string;
  /** Download size, for progress and the disk check. */
  readonly bytes: number;
  /** Size of the unpacked files. */
  readonly unpackedBytes: number;
}

/** Python version for pip; any would do. */
export const WHEEL_PYTHON_VERSION = '311';

const X64 = 'manylinux_2_27_x86_64';
const X64_2014 = 'manylinux2014_x86_64';
const X64_2010 = 'manylinux2010_x86_64';

// prettier-ignore
const CUDA_WHEELS_X64: readonly WheelPin[] = [
  pin('nvidia-cublas-cu12', '12.9.3.13', X64, 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72', 581_217_458, 855_064_416),
  pin('nvidia-cuda-cupti-cu12', '12.8.90', X64_2014, 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182', 10_248_621, 41_311_976),
  pin('nvidia-cuda-nvcc-cu12', '12.9.86', X64_2010, '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0', 40_546_229, 35_417_224),
  pin('nvidia-cuda-nvrtc-cu12', '12.9.86', X64_2010, '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4', 89_568_129, 227_340_992),
  pin('nvidia-cuda-runtime-cu12', '12.9.79', X64_2014, '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3', 3_493_179, 741_088),
  pin('nvidia-cudnn-cu12', '9.28.0.42', X64, '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375', 716_538_495, 1_162_393_472),
  pin('nvidia-cufft-cu12', '11.4.1.4', X64_2014, 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28', 200_877_592, 293_609_416),
  pin('nvidia-curand-cu12', '10.3.10.19', X64, '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e', 68_295_626, 166_965_432),
  pin('nvidia-cusolver-cu12', '11.7.5.82', X64, '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88', 338_117_415, 494_975_064),
  pin('nvidia-cusparse-cu12', '12.5.10.65', X64_2014, '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78', 366_465_088, 486_556_368),
  pin('nvidia-nccl-cu12', '2.32.3', X64, 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c', 351_526_311, 473_614_536),
  pin('nvidia-nvjitlink-cu12', '12.9.86', X64_2010, 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9', 39_748_338, 95_935_344),
];

/**
 * Wheels by `${process.platform}-${process.arch}` and variant; all wheels of a set are unpacked
 * together.
 */
export const WHEEL_SETS: Readonly<
  Record<string, Readonly<Partial<Record<EngineVariant, readonly WheelPin[]>>>>
> = {
  'linux-x64': {
    // prettier-ignore
    cpu: [
      pin('tensorflow-cpu', TENSORFLOW_VERSION, X64, '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c', 273_829_956, 860_000_000),
    ],
    // prettier-ignore
    gpu: [
      pin('tensorflow', TENSORFLOW_VERSION, X64, '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124', 572_440_367, 1_330_000_000),
      ...CUDA_WHEELS_X64,
    ],
  },
  'linux-arm64': {
    // There is no tensorflow-cpu for this platform; plain tensorflow has no CUDA kernels there.
    // prettier-ignore
    cpu: [
      pin('tensorflow', TENSORFLOW_VERSION, 'manylinux_2_27_aarch64', '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c', 281_828_020, 1_000_000_000),
    ],
  },
};

function pin(
  packageName: string,
  version: string,
  platformTag: string,
  sha256: string,
  bytes: number,
  unpackedBytes: number,
): WheelPin {
  return { packageName, version, platformTag, sha256, bytes, unpackedBytes };
}

/** Changes with isNeeded, so that a library unpacked without a file is unpacked again. */
export const NEEDED_FILES_VERSION = 'files 2';

/**
 * Which files of the wheels are needed: TensorFlow's two libraries and the headers that the binding
 * includes; of CUDA the libraries, and what XLA needs to compile.
 */
export function isNeeded(path: string): boolean {
  return (
    /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(path) ||
    /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|xla\/tsl|tsl)\/.*\.h$/.test(
      path,
    ) ||
    /^tensorflow\/include\/tensorflow\/core\/common_runtime\/next_pluggable_device\/c\/.*\.h$/.test(
      path,
    ) ||
    /^nvidia\/\w+\/lib\/[^/]+\.so[.\d]*$/.test(path) ||
    /^nvidia\/cuda_nvcc\/(bin\/(ptxas|nvlink|fatbinary)|nvvm\/libdevice\/.*\.bc)$/.test(path)
  );
}

/** Whether a file is a program, which unpacking has to make executable. */
export function isProgram(path: string): boolean {
  return path.startsWith('nvidia/cuda_nvcc/bin/');
}
