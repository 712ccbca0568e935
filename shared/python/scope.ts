import type { Position } from './position';
import { problem, SyntaxFailure } from './syntax-error';

export type ScopeKind = 'module' | 'function' | 'class' | 'comprehension';

/** Where a variable lives while its function runs. */
export type Place =
  /** Only this function sees it. */
  | { kind: 'slot'; index: number }
  /** Shared with functions inside, or taken over from one around. */
  | { kind: 'cell'; index: number; free: boolean }
  /** Of the class whose body runs. */
  | { kind: 'member' }
  | { kind: 'global' };

/** The variables of a module, a class body, a function or a comprehension. */
export class Scope {
  private readonly bound = new Set<string>();
  private readonly used = new Set<string>();
  private readonly parameters = new Set<string>();
  private readonly globals = new Set<string>();
  private readonly nonlocals = new Map<string, Position>();
  private readonly captured = new Set<string>();
  private placed = false;
  private readonly slots = new Map<string, number>();
  private readonly cells = new Map<string, number>();
  private readonly freeNames = new Set<string>();

  constructor(
    readonly kind: ScopeKind,
    readonly parent: Scope | null,
  ) {
    parent?.children.push(this);
  }

  readonly children: Scope[] = [];

  use(name: string): void {
    this.used.add(name);
    // super() needs to know the class around the method.
    if (name === 'super' && this.kind === 'function') this.used.add('__class__');
  }

  bind(name: string): void {
    this.bound.add(name);
  }

  parameter(name: string): void {
    this.parameters.add(name);
    this.bound.add(name);
  }

  declareGlobal(name: string): void {
    this.globals.add(name);
  }

  declareNonlocal(name: string, position: Position): void {
    this.nonlocals.set(name, position);
  }

  isBound(name: string): boolean {
    return this.bound.has(name);
  }

  isUsed(name: string): boolean {
    return this.used.has(name);
  }

  isParameter(name: string): boolean {
    return this.parameters.has(name);
  }

  parameterIndex(name: string): number {
    return [...this.parameters].indexOf(name);
  }

  get names(): ReadonlySet<string> {
    return this.bound;
  }

  /** Finds the owner of every name that is used here and bound elsewhere. To be called once for every scope, outer ones first. */
  resolve(): void {
    for (const [name, position] of this.nonlocals) {
      if (!this.take(name)) throw new SyntaxFailure(problem(`no binding for nonlocal '${name}' found`, position));
    }
    for (const name of this.used) if (!this.bound.has(name) && !this.globals.has(name)) this.take(name);
  }

  /** Makes a variable of a function around visible here, and in the scopes between. */
  private take(name: string): boolean {
    const owner = this.ownerOf(name);
    if (!owner) return false;
    owner.captured.add(name);
    this.passDown(name, owner);
    return true;
  }

  private passDown(name: string, owner: Scope): void {
    this.freeNames.add(name);
    if (this.parent && this.parent !== owner) this.parent.passDown(name, owner);
  }

  private ownerOf(name: string): Scope | null {
    for (let scope = this.parent; scope; scope = scope.parent) {
      if (scope.kind === 'module') return null;
      if (scope.kind === 'class') {
        if (name === '__class__') return scope;
        continue;
      }
      if (scope.globals.has(name)) return null;
      if (scope.bound.has(name) && !scope.nonlocals.has(name)) return scope;
    }
    return null;
  }

  /** Cells this scope makes when it begins, and those it takes from the function around it; in the order of their indices. */
  get layout(): { slots: number; own: string[]; free: string[] } {
    this.assignPlaces();
    const names = [...this.cells.keys()];
    const own = names.filter((name) => !this.freeNames.has(name));
    return { slots: this.slots.size, own, free: names.filter((name) => this.freeNames.has(name)) };
  }

  /** Index of a variable that is handed to a function inside. */
  cellIndex(name: string): number {
    this.assignPlaces();
    const index = this.cells.get(name);
    if (index === undefined) throw new Error(`${name} is no shared variable here`);
    return index;
  }

  /** Every scope must have been resolved. */
  place(name: string): Place {
    this.assignPlaces();
    const cell = this.cells.get(name);
    if (cell !== undefined && !(this.kind === 'class' && this.bound.has(name)))
      return { kind: 'cell', index: cell, free: this.freeNames.has(name) };
    const slot = this.slots.get(name);
    if (slot !== undefined) return { kind: 'slot', index: slot };
    if (this.kind === 'class' && this.bound.has(name) && !this.globals.has(name)) return { kind: 'member' };
    return { kind: 'global' };
  }

  private assignPlaces(): void {
    if (this.placed || this.kind === 'module') return;
    this.placed = true;
    for (const name of this.captured) this.cells.set(name, this.cells.size);
    for (const name of this.freeNames) this.cells.set(name, this.cells.size);
    if (this.kind === 'class') return;
    // Parameters first, in their order, whether or not they are shared.
    for (const name of [...this.parameters, ...this.bound]) {
      const elsewhere = this.globals.has(name) || this.freeNames.has(name);
      if (!elsewhere && !this.slots.has(name) && (!this.cells.has(name) || this.parameters.has(name)))
        this.slots.set(name, this.slots.size);
    }
  }
}
