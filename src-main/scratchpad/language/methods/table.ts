import { typeError } from '../errors';
import { HostFunction, type CallContext } from '../host';
import { typeName } from '../type-names';
import type { Value } from '../values';

/** Signature without self, and the body. */
export type MethodEntry<Self> = readonly [
  signature: string,
  body: (self: Self, args: Value[], context: CallContext) => Value,
  help: string,
];

/** The methods of a built-in type, as its class has them. */
export function methodTable<Self extends Value>(
  type: string,
  isSelf: (value: Value) => value is Self,
  entries: Readonly<Record<string, MethodEntry<Self>>>,
): [string, HostFunction][] {
  return Object.entries(entries).map(([name, [signature, body, help]]) => {
    const full =
      signature === '' ? 'self, /' : signature.startsWith('*') ? `self, /, ${signature}` : `self, ${signature}`;
    return [
      name,
      new HostFunction(
        name,
        full,
        (args, context) => {
          const self = args[0] as Value;
          if (!isSelf(self))
            throw typeError(`descriptor '${name}' for '${type}' objects doesn't apply to a '${typeName(self)}' object`);
          return body(self, args.slice(1), context);
        },
        help,
      ),
    ];
  });
}
