import { afterEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';
import { useDesignActions } from '../../../../../src-renderer/workspaces/design/use-design-actions';
import { sequence } from '../../../shared/network/builders';
import { openNetwork } from './network-page';

afterEach(() => vi.restoreAllMocks());

const kinds = (store: Awaited<ReturnType<typeof openNetwork>>['store']) => store.network.layers.map(({ id }) => id);

describe('actions of the Design page', () => {
  it('append after the selected layer, select the new one, and are undone in one step', async () => {
    const { store, project } = await openNetwork(sequence('input linear:3 output'));
    const actions = useDesignActions();
    store.select(['linear']);
    actions.append('relu');
    await nextTick();
    expect([...store.selected]).toEqual(['relu']);
    expect(store.network.edges).toContainEqual({ from: 'relu', to: 'output', port: 0 });
    expect(project.undoLabel).toBe('design.undo.add');
    project.undo();
    expect(kinds(store)).toEqual(['input', 'linear', 'output']);
    await nextTick();
    expect(store.selected.size).toBe(0);
  });

  it('drop onto a connection inserts, elsewhere only adds', async () => {
    const { store } = await openNetwork(sequence('input linear:3 output'));
    const actions = useDesignActions();
    actions.drop('tanh', { x: 7, y: 8 }, store.network.edges[1]!);
    expect(store.network.edges).toContainEqual({ from: 'linear', to: 'tanh', port: 0 });
    actions.drop('output', { x: 1, y: 1 }, store.network.edges[0]!);
    expect(store.network.edges).toHaveLength(3);
    expect(store.issues.map(({ code }) => code)).toContain('network.several-outputs');
  });

  it('join refuses what may not be connected', async () => {
    const { store } = await openNetwork(sequence('input linear:3 relu output'));
    const before = store.network;
    useDesignActions().join({ from: 'relu', to: 'linear', port: 0 });
    expect(store.network).toBe(before);
    useDesignActions().join({ from: 'linear', to: 'output', port: 0 });
    expect(store.network.edges).toContainEqual({ from: 'linear', to: 'output', port: 0 });
  });

  it('deleting from a chain leaves a chain', async () => {
    const { store } = await openNetwork(sequence('input linear:3 relu tanh output'));
    store.select(['relu', 'tanh']);
    useDesignActions().remove();
    expect(store.network.edges).toEqual([
      { from: 'input', to: 'linear', port: 0 },
      { from: 'linear', to: 'output', port: 0 },
    ]);
    store.selectedEdge = store.network.edges[0]!;
    useDesignActions().remove();
    expect(store.network.edges).toHaveLength(1);
  });

  it('copies and pastes through text; several steps of the arrow keys are one step to undo', async () => {
    const { store, project } = await openNetwork(sequence('input linear:3 relu output'));
    const actions = useDesignActions();
    store.select(['linear', 'relu']);
    const text = actions.copyOfSelection()!;
    expect(actions.paste('something else')).toBe(false);
    expect(actions.paste(text)).toBe(true);
    expect([...store.selected]).toEqual(['linear-2', 'relu-2']);
    const pasted = store.network;
    actions.nudge(0, 1);
    actions.nudge(0, 1);
    expect(store.network.layers.at(-1)!.position.y).toBe(pasted.layers.at(-1)!.position.y + 20);
    project.undo();
    expect(store.network).toEqual(pasted);
  });

  it('change nothing in a project that is read only', async () => {
    const { store } = await openNetwork(sequence('input linear:3 output'), { readOnly: true });
    const actions = useDesignActions();
    const before = store.network;
    store.select(['linear']);
    actions.append('relu');
    actions.remove();
    actions.duplicateSelection();
    actions.drop('relu', { x: 0, y: 0 }, null);
    expect(store.network).toBe(before);
    expect([...store.selected]).toEqual(['linear']);
  });
});

describe('the network store', () => {
  it('waits with what only the data can tell until they are read', async () => {
    const { store, data } = await openNetwork(sequence('input linear:3 output'));
    expect(store.issues).toEqual([]);
    data.summary = null;
    data.loading = true;
    expect(store.issues).toEqual([]);
    data.loading = false;
    expect(store.issues.map(({ code }) => code)).toEqual(['network.input-shape-unknown', 'network.target-missing']);
  });

  it('fixes as one step, errors first', async () => {
    const { store, project } = await openNetwork(sequence('input linear:4 softmax output'));
    expect(store.issues.map(({ severity }) => severity)).toEqual(['error', 'warning']);
    store.fix(store.issues[1]!.fix!);
    store.fix(store.issues[0]!.fix!);
    expect(store.issues).toEqual([]);
    expect(project.undoLabel).toBe('design.undo.fix');
  });
});
