/** What values take in V8's heap, in bytes, for charging memory before it is taken; rather too much than too little. */

/** A place in a list that refers to a value that exists already. */
export const referenceBytes = 8;
/** A place in a list that grows, with a number of its own in it. */
export const elementBytes = 32;
/** A pair of a dict, a member of a set, an attribute. */
export const entryBytes = 128;
