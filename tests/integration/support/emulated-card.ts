import { join } from 'node:path';
import { root } from './built';

/** A device library with an emulated card: built by `build-native.mjs --cards`, on Linux. */
export const emulatedCard = join(root, 'src-native/out/emulated/deltalab_cuda_emulated.so');
