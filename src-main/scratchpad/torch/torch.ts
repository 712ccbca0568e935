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
import { dataModule } from './data';
import { Library } from './library';
import { cudaModule } from './cuda';
import { deltalabModule } from './deltalab';
import { mathModule } from './math';
import { nnModules } from './nn';
import { Modules } from './nn/module';
import { numpyModules } from './numpy/numpy';
import { optimizerClasses } from './optim/optimizer';
import { scheduleClasses } from './optim/schedules';
import { pyplotModule } from './pyplot/pyplot';
import { noHost } from './ask-host';
import { loadNetworkFunction } from './network/load';
import { projectDataFunctions } from './project-data';
import { Session, type TorchOptions } from './session';
import { cpu, deviceFunction, toDevice } from './tensor/device';
import { sizeClass } from './tensor/size';
import { dtypeNames, float32 } from './tensor/dtype';

/** The modules a notebook may import, over one tape. */
export interface Torch {
  session: Session;
  modules: ReadonlyMap<string, HostModule>;
  /** What torch.nn's modules are and hold. */
  networks: Modules;
}

/** torch and what tutorials import beside it. The engine stays with the caller. */
export function createTorch(engine: NativeEngine, options: TorchOptions = {}): Torch {
  const session = new Session(engine, options);
  const library = new Library(session);
  for (const add of [
    addCreation,
    addRandom,
    addArithmetic,
    addComparison,
    addPointwise,
    addReductions,
    addShaping,
    addJoining,
    addProducts,
    addIndexing,
    addSorting,
    addConversion,
    addAutograd,
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
  const autograd = define('torch.autograd', autogradFunctions(library));
  const keep = (module: HostModule): HostModule => {
    modules.set(module.name, module);
    return module;
  };
  const cuda = keep(cudaModule(library));
  const networks = new Modules(library);
  const [nn] = nnModules(library, networks).map(keep);
  const schedules = define(
    'torch.optim.lr_scheduler',
    scheduleClasses(library).map((type) => [type.name, type]),
  );
  const optim = define('torch.optim', [
    ...optimizerClasses(library).map((type) => [type.name, type] as const),
    ['lr_scheduler', schedules],
  ]);
  const data = keep(dataModule(library));
  const utils = define('torch.utils', [['data', data]]);
  numpyModules(library).forEach(keep);
  const pyplot = keep(pyplotModule(library));
  define('matplotlib', [['pyplot', pyplot]]);
  keep(mathModule());
  const { host = noHost } = options;
  const load = loadNetworkFunction(library, networks, nn as HostModule, host);
  keep(deltalabModule(session, [...projectDataFunctions(session, host), load]));
  define('torch', [
    ...library.functions,
    ...dtypeNames,
    ['Tensor', session.tensorClass],
    ['Size', sizeClass],
    ['device', deviceFunction(session)],
    [
      'set_default_device',
      new HostFunction(
        'set_default_device',
        'device',
        ([device = null]) => {
          session.defaultDevice = device === null ? cpu : toDevice(session, device);
          return null;
        },
        'Where new tensors are made from now on.',
      ),
    ],
    ['get_default_device', new HostFunction('get_default_device', '', () => session.defaultDevice)],
    ['get_default_dtype', new HostFunction('get_default_dtype', '', () => float32)],
    ['set_printoptions', new HostFunction('set_printoptions', '**options', () => null)],
    ['pi', Math.PI],
    ['e', Math.E],
    ['inf', Infinity],
    ['nan', NaN],
    ['__version__', '2.13.0'],
    ['cuda', cuda],
    ['OutOfMemoryError', cuda.members.get('OutOfMemoryError') as Value],
    ['autograd', autograd],
    ['nn', nn as HostModule],
    ['optim', optim],
    ['utils', utils],
  ]);
  return { session, modules, networks };
}
