/**
 * Prepares native TensorFlow on a machine: the library, and what is compiled against it. The two
 * are separate, so that a new version of the addons does not fetch the library again.
 */
import { join } from 'node:path';
import { crescendoHome } from '../../base/project.ts';
import { BINDING_FILE, builtAddons, COLLECTIVE_FILE, GRAPH_FILE, IMAGES_FILE } from './addons.ts';
import { chosenVariant } from './device.ts';
import { fetchedLibrary, ownLibrary } from './library.ts';
import { TENSORFLOW_VERSION } from './wheels.ts';

export interface PreparedTensorflow {
  /** The compiled binding of tfjs. */
  readonly addonPath: string;
  /** The project's own addon: graphs, sessions, optimizer updates. */
  readonly graphAddonPath: string;
  /** The project's own addon without TensorFlow: the all-reduce's kernels. */
  readonly collectiveAddonPath: string;
  /** The project's own addon that decodes and augments images. */
  readonly imagesAddonPath: string;
  /** Folder that holds libtensorflow_cc.so.2. */
  readonly libraryFolder: string;
  readonly tensorflowVersion: string;
}

export interface PrepareOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * Prepares TensorFlow, or reuses what is prepared. @throws CRESCENDO_ENGINE_SETUP with the remedy
 */
export async function prepareTensorflow(options: PrepareOptions = {}): Promise<PreparedTensorflow> {
  const environment = options.environment ?? process.env;
  const print = options.onProgress ?? ((): void => undefined);
  const enginesFolder = join(crescendoHome(environment), 'engine');
  const own = environment['CRESCENDO_TF_DIR'] ?? '';
  const libraryFolder =
    own !== ''
      ? ownLibrary(own)
      : await fetchedLibrary(enginesFolder, chosenVariant(environment), environment, print);
  const addons = await builtAddons(enginesFolder, libraryFolder, environment, print);
  return {
    addonPath: join(addons, BINDING_FILE),
    graphAddonPath: join(addons, GRAPH_FILE),
    collectiveAddonPath: join(addons, COLLECTIVE_FILE),
    imagesAddonPath: join(addons, IMAGES_FILE),
    libraryFolder,
    tensorflowVersion: TENSORFLOW_VERSION,
  };
}
