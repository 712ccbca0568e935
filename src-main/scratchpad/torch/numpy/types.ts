import { HostObject, type CallContext, type CompareOperator } from '../../language/host';
import { PyClass, type Value } from '../../language/values';
import type { DType } from '../tensor/dtype';

const dtypeClass = new PyClass('dtype', null, [], { module: 'numpy' });

/** A dtype as NumPy shows it: float64, where PyTorch has torch.float64. */
export class ArrayType extends HostObject {
  readonly type = dtypeClass;
  constructor(readonly dtype: DType) {
    super();
  }

  override attribute(name: string): Value | undefined {
    return name === 'name' ? this.dtype.name : undefined;
  }

  override attributeNames(): Iterable<string> {
    return ['name'];
  }

  override compare(operator: CompareOperator, other: Value): Value | undefined {
    const same = other instanceof ArrayType ? other.dtype === this.dtype : other === this.dtype.name;
    if (operator === '==') return same;
    return operator === '!=' ? !same : undefined;
  }

  /** np.float32(3): a Python number here. */
  override call([value = 0n]: readonly Value[], _: ReadonlyMap<string, Value>, context: CallContext): Value {
    const number = Number(context.truth(value) ? value : 0);
    if (this.dtype.kind === 'float') return this.dtype.name === 'float32' ? Math.fround(number) : number;
    return this.dtype.kind === 'bool' ? number !== 0 : BigInt(Math.trunc(number));
  }

  repr(): string {
    return `dtype('${this.dtype.name}')`;
  }

  override str(): string {
    return this.dtype.name;
  }
}
