import type { Position } from '../../../../shared/python/position';
import type { Scope } from '../../../../shared/python/scope';
import type { Scopes } from '../../../../shared/python/scopes';
import { closest } from '../attributes';
import { PythonError, withHint } from '../errors';
import type { HostModule } from '../host';
import type { Runtime } from '../runtime';
import type { Value } from '../values';
import { Cell, Frame, type Evaluate, type Store } from './frame';
import type { Globals } from './globals';

/** What the code of a cell is compiled against. */
export interface Program {
  runtime: Runtime;
  globals: Globals;
  builtins: ReadonlyMap<string, Value>;
  modules: ReadonlyMap<string, HostModule>;
  scopes: Scopes;
}

const notHere: Readonly<Record<string, string>> = {
  open: 'there are no files here; data come from torch, numpy, or the project',
  input: 'there is nothing to ask here; write the value into the cell',
  eval: 'write the expression itself',
  exec: 'write the statements themselves',
  compile: 'write the statements themselves',
  __import__: 'write import',
  globals: 'variables are listed beside the notebook',
  locals: 'variables are listed beside the notebook',
  vars: 'use __dict__ of an object',
  np: 'write import numpy as np first',
  torch: 'write import torch first',
  nn: 'write import torch.nn as nn first',
  F: 'write import torch.nn.functional as F first',
  plt: 'write import matplotlib.pyplot as plt first',
  math: 'write import math first',
};

/** Compiles reading, assigning and deleting of variables of one scope. */
export class NameCompiler {
  constructor(
    protected readonly program: Program,
    protected readonly scope: Scope,
    /** In front of the names of functions and classes defined here: 'Net.', 'make.<locals>.' */
    protected readonly qualifier: string,
  ) {}

  protected get runtime(): Runtime {
    return this.program.runtime;
  }

  protected load(name: string, position: Position): Evaluate {
    const { runtime } = this;
    const place = this.scope.place(name);
    const fail = (error: PythonError): never => {
      runtime.position = position;
      throw error;
    };
    switch (place.kind) {
      case 'slot': {
        const { index } = place;
        return (frame) => {
          const value = frame.slots[index];
          return value === undefined ? fail(unbound(name)) : value;
        };
      }
      case 'cell': {
        const { index, free } = place;
        return (frame) => {
          const value = (frame.cells[index] as Cell).value;
          return value === undefined ? fail(free ? unboundFree(name) : unbound(name)) : value;
        };
      }
      case 'member': {
        const global = this.loadGlobal(name, fail);
        return (frame) => {
          const value = frame.members?.get(name);
          return value === undefined ? global(frame) : value;
        };
      }
      case 'global':
        return this.loadGlobal(name, fail);
    }
  }

  private loadGlobal(name: string, fail: (error: PythonError) => never): Evaluate {
    const { globals, builtins } = this.program;
    const cell = globals.cell(name);
    const builtin = builtins.get(name);
    if (builtin !== undefined) return () => (cell.value === undefined ? builtin : cell.value);
    return () => (cell.value === undefined ? fail(this.undefinedName(name)) : cell.value);
  }

  private undefinedName(name: string): PythonError {
    const { globals, builtins } = this.program;
    const known = [...[...globals.entries()].map(([one]) => one), ...builtins.keys()];
    const own = Object.hasOwn(notHere, name) ? (notHere[name] ?? null) : null;
    const similar = own === null ? closest(name, known) : null;
    return withHint(
      new PythonError('NameError', `name '${name}' is not defined`),
      similar === null ? own : `did you mean ${similar}?`,
    );
  }

  protected store(name: string): Store {
    const place = this.scope.place(name);
    switch (place.kind) {
      case 'slot': {
        const { index } = place;
        return (frame, value) => void (frame.slots[index] = value);
      }
      case 'cell': {
        const { index } = place;
        return (frame, value) => void ((frame.cells[index] as Cell).value = value);
      }
      case 'member':
        return (frame, value) => void frame.members?.set(name, value);
      case 'global': {
        const cell = this.program.globals.cell(name);
        return (_, value) => void (cell.value = value);
      }
    }
  }

  /** `del name` */
  protected unbind(name: string, position: Position): (frame: Frame) => void {
    const place = this.scope.place(name);
    const load = this.load(name, position);
    switch (place.kind) {
      case 'slot':
        return (frame) => {
          load(frame);
          frame.slots[place.index] = undefined;
        };
      case 'cell':
        return (frame) => {
          load(frame);
          (frame.cells[place.index] as Cell).value = undefined;
        };
      case 'member':
        return (frame) => {
          load(frame);
          frame.members?.delete(name);
        };
      case 'global': {
        const cell = this.program.globals.cell(name);
        return () => {
          this.runtime.position = position;
          if (cell.value === undefined) throw this.undefinedName(name);
          cell.value = undefined;
        };
      }
    }
  }
}

/** Makes the variables of a scope that is entered from `outer`. `slots` hold the parameters already. */
export function frameMaker(
  scope: Scope,
  outer: Scope,
): (outerCells: readonly Cell[], slots: (Value | undefined)[], members?: Map<string, Value>) => Frame {
  const layout = scope.layout;
  const parameters = layout.own.map((name) => (scope.isParameter(name) ? scope.parameterIndex(name) : -1));
  const taken = layout.free.map((name) => outer.cellIndex(name));
  return (outerCells, slots, members) => {
    while (slots.length < layout.slots) slots.push(undefined);
    const cells: Cell[] = [];
    for (const parameter of parameters) cells.push(new Cell(parameter < 0 ? undefined : slots[parameter]));
    for (const index of taken) cells.push(outerCells[index] as Cell);
    return new Frame(slots, cells, members ?? null);
  };
}

const unbound = (name: string): PythonError =>
  new PythonError(
    'UnboundLocalError',
    `cannot access local variable '${name}' where it is not associated with a value`,
  );

const unboundFree = (name: string): PythonError =>
  new PythonError(
    'NameError',
    `cannot access free variable '${name}' where it is not associated with a value in enclosing scope`,
  );
