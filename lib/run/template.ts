/** The run file that `crescendo init` writes. */

export function runFileTemplate(schemaPath: string): string {
  return `# yaml-language-server: $schema=${schemaPath}
# Run it:  crescendo train run.yaml --workers 2
# Only the model's name is required; everything shown has a default, and the schema explains it.

seed: 1                       # decides all randomness

model:
  name: efficientnetv2-b0     # crescendo models lists them
  widthMultiplier: 1
  depthMultiplier: 1

dataset:
  name: fashion-mnist         # or cifar-10, or image-folder with path: ./images
  trainSamplesMax: 0          # 0: all

batch:
  globalSize: 256             # the same for any number of workers
  microBatches: 8              # workers share these; must divide globalSize

training:
  epochs: 4
  optimizer: { name: sgd, momentum: 0.9 }
  learningRate: { peak: 0.1, warmupEpochs: 0.5, decay: cosine }
  weightDecay: 0.00001
  labelSmoothing: 0.1
  emaDecay: 0.99
  # localSgd: { innerSteps: 16 }   # for slow links: all-reduce once per 16 steps

schedule:                     # all of it grows from phase to phase
  phases: 4
  imageSizePx: { min: 16, max: 28 }
  dropoutRate: { min: 0.1, max: 0.3 }
  randAugmentMagnitude: { min: 5, max: 15 }
  mixupAlpha: { min: 0, max: 0.1 }

augmentation:
  horizontalFlip: true
  crop: pad                   # none, pad or resized

evaluation:
  imageSizePx: 28
  everyEpochs: 0              # 0: at the end of each phase only

checkpoint:
  everyMinutes: 10

# communication: { compression: int8 }   # fewer bytes for slow links; see docs/compression.md

engine:
  intraOpThreads: 1           # threads inside one kernel, for each worker
`;
}
