import { typeError } from '../language/errors';
import { HostModule } from '../language/host';
import { exceptionClasses } from '../language/exceptions';
import { PyClass, PyInstance, PyTuple, type Value } from '../language/values';
import type { Library } from './library';
import type { Device } from './tensor/device';
import { toDevice } from './tensor/device';

const propertiesClass = new PyClass('_CudaDeviceProperties', null, [], { module: 'torch._C' });

/** The module torch.cuda: what there is of cards, simulated ones among them. Those have no memory and no name of their own. */
export function cudaModule(library: Library): HostModule {
  const { session } = library;
  const gpu = (device: Value | undefined): Device => {
    const found = toDevice(session, device ?? 'cuda');
    if (found.kind === 'cuda') return found;
    throw typeError(`Expected a cuda device, but got: ${found.name}`);
  };
  const count = (): bigint => BigInt(session.devices.length - 1);
  const facts = (device: Value | undefined) => gpu(device).card?.facts ?? simulated;
  const usage = (device: Value | undefined, of: 'used' | 'held'): bigint =>
    count() === 0n ? 0n : BigInt(gpu(device).card?.usage()[of] ?? 0);
  const capability = (device: Value | undefined): bigint[] => facts(device).capability.split('.').map(BigInt);

  const define = (
    name: string,
    signature: string,
    body: (args: Value[]) => Value,
    help = '',
  ): readonly [string, Value] => [name, library.make(name, signature, body, help)];
  return new HostModule(
    'torch.cuda',
    new Map<string, Value>([
      define('is_available', '', () => count() > 0n, 'Whether there is a GPU.'),
      define('device_count', '', count, 'How many GPUs there are.'),
      define('current_device', '', () => BigInt(gpu('cuda').index ?? 0)),
      define('get_device_name', 'device=None', ([device]) => facts(device).name),
      define('get_device_capability', 'device=None', ([device]) => new PyTuple(capability(device))),
      define('get_device_properties', 'device=None', ([device]) => {
        const { name, memoryTotal } = facts(device);
        const [major = 0n, minor = 0n] = capability(device);
        const properties = new PyInstance(propertiesClass);
        const values: [string, Value][] = [
          ['name', name],
          ['major', major],
          ['minor', minor],
          ['total_memory', BigInt(memoryTotal)],
        ];
        for (const [key, value] of values) properties.attributes.set(key, value);
        return properties;
      }),
      define(
        'memory_allocated',
        'device=None',
        ([device]) => usage(device, 'used'),
        'Bytes that tensors take on the GPU.',
      ),
      define(
        'memory_reserved',
        'device=None',
        ([device]) => usage(device, 'held'),
        'Bytes that were taken from the GPU in all.',
      ),
      define('synchronize', 'device=None', ([device]) => {
        gpu(device).card?.synchronize();
        return null;
      }),
      define('empty_cache', '', () => {
        for (const { card } of session.devices) card?.emptyCache();
        return null;
      }),
      define('manual_seed', 'seed: int', () => null, 'Random numbers on the GPU are those of torch.manual_seed.'),
      define('manual_seed_all', 'seed: int', () => null),
      ['OutOfMemoryError', exceptionClasses.get('OutOfMemoryError') as PyClass],
    ]),
  );
}

const simulated = { name: 'Simulated GPU', memoryTotal: 0, capability: '0.0' };
