import { z } from 'zod';

/** A typed array in a message, by its tag: one made in another realm (a test runner's) counts too. Its values are not looked at. */
export const arrayOf = <Type>(tag: string) =>
  z.custom<Type>((value) => Object.prototype.toString.call(value) === `[object ${tag}]`, `expected ${tag}`);
