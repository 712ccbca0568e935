export { bakedOutputs, bakePreprocessing, type BakeOptions, probabilityOperator, rawInputs } from './bake';
export { decodeModel } from './decode';
export type { DecodedModel } from './model';
export { defaultOpset, encodeModel, type EncodeOptions } from './encode';
export { type ModelMetadata, readMetadata, writeMetadata } from './metadata';
export { decodeNpy, encodeNpy, readNpy, writeNpy } from './npy';
export { loadModel, onnxruntimeVersion, runModel, type RunningModel } from './run';
export { type Verification, verifyModel, type VerifyOptions } from './verify';
