import type { PyDict } from './containers';
import { indexError, attributeError, valueError } from './errors';
import { keyError } from './exceptions';
import type { CallContext } from './host';
import { getItem } from './items';
import { typeName } from './type-names';
import type { Value } from './values';
import { format } from './representation';

/** '… {} {name.attribute[0]!r:>{width}} …'.format(*args, **keywords) */
export function formatFields(text: string, args: readonly Value[], keywords: PyDict, context: CallContext): string {
  const formatted = new Fields(args, keywords, context).fill(text, 2);
  context.chargeMemory(formatted.length);
  return formatted;
}

class Fields {
  private next = 0;
  private numbering: 'automatic' | 'manual' | null = null;

  constructor(
    private readonly args: readonly Value[],
    private readonly keywords: PyDict,
    private readonly context: CallContext,
  ) {}

  fill(text: string, depth: number): string {
    if (depth === 0) throw valueError('Max string recursion exceeded');
    let filled = '';
    for (let at = 0; at < text.length;) {
      const character = text.charAt(at);
      if ((character === '{' || character === '}') && text.charAt(at + 1) === character) {
        filled += character;
        at += 2;
      } else if (character === '{') {
        const end = closingBrace(text, at);
        filled += this.field(text.slice(at + 1, end), depth);
        at = end + 1;
      } else if (character === '}') {
        throw valueError("Single '}' encountered in format string");
      } else {
        filled += character;
        at++;
      }
    }
    return filled;
  }

  private field(written: string, depth: number): string {
    const [, name = '', conversion, specification] = /^([^!:]*)(?:!([^:]*))?(?::([^]*))?$/.exec(written) ?? [];
    const value = this.value(name);
    const spec = specification?.includes('{') ? this.fill(specification, depth - 1) : (specification ?? '');
    if (conversion === undefined) return format(value, spec, this.context);
    if (conversion !== 'r' && conversion !== 's' && conversion !== 'a')
      throw valueError(`Unknown conversion specifier ${conversion.charAt(0)}`);
    return format(conversion === 's' ? this.context.str(value) : this.context.repr(value), spec, this.context);
  }

  private value(written: string): Value {
    const [first = ''] = /^[^.[]*/.exec(written) ?? [];
    let value = this.argument(first);
    const steps = /\.([^.[]+)|\[([^\]]+)\]/gy;
    steps.lastIndex = first.length;
    for (let match = steps.exec(written); match; match = steps.exec(written)) {
      const [, attribute, index] = match;
      if (attribute !== undefined) {
        const found = this.context.attribute(value, attribute);
        if (found === undefined) throw attributeError(`'${typeName(value)}' object has no attribute '${attribute}'`);
        value = found;
      } else {
        value = getItem(value, /^\d+$/.test(index ?? '') ? BigInt(index ?? 0) : (index ?? ''), this.context);
      }
    }
    return value;
  }

  private argument(name: string): Value {
    if (name !== '' && !/^\d+$/.test(name)) {
      const found = this.keywords.get(name);
      if (found === undefined) throw keyError(name, this.context);
      return found;
    }
    const numbering = name === '' ? 'automatic' : 'manual';
    if (this.numbering && this.numbering !== numbering) {
      const [from, to] =
        numbering === 'manual'
          ? ['automatic field numbering', 'manual field specification']
          : ['manual field specification', 'automatic field numbering'];
      throw valueError(`cannot switch from ${from} to ${to}`);
    }
    this.numbering = numbering;
    const index = name === '' ? this.next++ : Number(name);
    const found = this.args[index];
    if (found === undefined) throw indexError(`Replacement index ${index} out of range for positional args tuple`);
    return found;
  }
}

function closingBrace(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text.charAt(at) === '{') depth++;
    else if (text.charAt(at) === '}' && --depth === 0) return at;
  }
  throw valueError(
    from === text.length - 1 ? "Single '{' encountered in format string" : "expected '}' before end of string",
  );
}
