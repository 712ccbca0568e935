import type { NativeEngine } from '../../engine/native';
import { HostFunction, HostModule } from '../language/host';
import type { Value } from '../language/values';
import { addArithmetic } from './functions/arithmetic';
import { addAutograd, autogradFunctions } from './functions/autograd';
import { addComparison } from './functions/comparison';
import { addConversion } from './functions/conversion';
import { addCreation } from './functions/creation';
import { addIndexing } from './functions/indexing';
import { addJoining } from './functions/joining';
import { addPointwise } from './functions/pointwise';
import { addProducts } from './functions/products';
import { addRandom } from './functions/random';
import { addReductions } from './functions/reductions';
import { addShaping } from './functions/shaping';
import { addSorting } from './functions/sorting';
import { protocolOf } from './functions/protocol';
import { Library } from './library';
import { Session, type TorchOptions } from './session';
import { deviceFunction } from './tensor/device';
import { dtypeNames, float32 } from './tensor/dtype';

/** The modules a notebook may import, over one tape. */
export interface Torch {
  session: Session;
  modules: ReadonlyMap<string, HostModule>;
}

/** torch and what tutorials import beside it. The engine stays with the caller. */
export function createTorch(engine: NativeEngine, options: TorchOptions = {}): Torch {
  const session = new Session(engine, options);
  const library = new Library(session);
  for (const add of [
    addCreation, addRandom, addArithmetic, addComparison, addPointwise, addReductions, addShaping, addJoining,
    addProducts, addIndexing, addSorting, addConversion, addAutograd,
  ])
    add(library);
  session.protocol = protocolOf(library);
  for (const [name, method] of library.methods) session.tensorClass.attributes.set(name, method);

  const modules = new Map<string, HostModule>();
  const define = (name: string, members: Iterable<readonly [string, Value]>): HostModule => {
    const module = new HostModule(name, new Map(members));
    modules.set(name, module);
    return module;
  };
  const gpus = BigInt(session.devices.length - 1);
  const cuda = define('torch.cuda', [
    ['is_available', new HostFunction('is_available', '', () => gpus > 0n, 'Whether there is a GPU.')],
    ['device_count', new HostFunction('device_count', '', () => gpus)],
    ['manual_seed', new HostFunction('manual_seed', 'seed', () => null)],
    ['manual_seed_all', new HostFunction('manual_seed_all', 'seed', () => null)],
    ['empty_cache', new HostFunction('empty_cache', '', () => null)],
  ]);
  const autograd = define('torch.autograd', autogradFunctions(library));
  define('torch', [
    ...library.functions,
    ...dtypeNames,
    ['Tensor', session.tensorClass],
    ['device', deviceFunction(session)],
    ['get_default_dtype', new HostFunction('get_default_dtype', '', () => float32)],
    ['set_printoptions', new HostFunction('set_printoptions', '**options', () => null)],
    ['pi', Math.PI],
    ['e', Math.E],
    ['inf', Infinity],
    ['nan', NaN],
    ['__version__', '2.13.0'],
    ['cuda', cuda],
    ['autograd', autograd],
  ]);
  return { session, modules };
}
