import { exactRatio } from '../floats';
import { bitLength } from '../integers';
import { PyTuple } from '../values';
import { methodTable } from './table';

export const integerMethods = methodTable(
  'int',
  (value): value is bigint | boolean => typeof value === 'bigint' || typeof value === 'boolean',
  {
    bit_length: ['', (self) => BigInt(bitLength(BigInt(self))), 'Number of binary digits.'],
    bit_count: [
      '',
      (self) => BigInt([...BigInt(self).toString(2)].filter((digit) => digit === '1').length),
      'Ones among them.',
    ],
    conjugate: ['', (self) => BigInt(self), 'Itself.'],
  },
);

export const floatMethods = methodTable('float', (value): value is number => typeof value === 'number', {
  is_integer: ['', (self) => Number.isInteger(self), 'Whether it has no decimals.'],
  as_integer_ratio: [
    '',
    (self) => {
      const { numerator, denominator } = exactRatio(self);
      return new PyTuple([numerator, denominator]);
    },
    'The exact value as a fraction.',
  ],
});
