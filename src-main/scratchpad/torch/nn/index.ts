import { HostModule } from '../../language/host';
import type { Value } from '../../language/values';
import type { Library } from '../library';
import { containerClasses } from './containers';
import { functional } from './functional';
import { initFunctions } from './init';
import { layerClass, layers } from './layers';
import { lossClasses } from './loss-layers';
import type { Modules } from './module';
import { attentionLayer } from './multihead-attention';
import { recurrentLayers } from './recurrent';

/** torch.nn, torch.nn.functional and torch.nn.init. */
export function nnModules(library: Library, modules: Modules): HostModule[] {
  const { session } = library;
  const functions = functional(library);
  const functionalModule = new HostModule('torch.nn.functional', functions);
  const init = new HostModule('torch.nn.init', initFunctions(library));
  const classes = [
    ...[...layers, ...recurrentLayers, attentionLayer(library, modules)].map((definition) =>
      layerClass(library, modules, definition),
    ),
    ...lossClasses(library, modules, functions),
    ...containerClasses(library, modules),
  ];
  const nn = new HostModule(
    'torch.nn',
    new Map<string, Value>([
      ['Module', modules.moduleClass],
      ['Parameter', session.parameterClass],
      ['functional', functionalModule],
      ['init', init],
      ...classes.map((type) => [type.name, type] as const),
    ]),
  );
  return [nn, functionalModule, init];
}
