import { mount, type VueWrapper } from '@vue/test-utils';
import type { NSelect } from 'naive-ui';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defineComponent, h, nextTick } from 'vue';
import { layerDefinitions } from '../../../../../shared/layers';
import { setParameter, tieWeight } from '../../../../../shared/network/edit';
import { i18n } from '../../../../../src-renderer/i18n';
import DesignStatus from '../../../../../src-renderer/workspaces/design/DesignStatus.vue';
import { layerIcons } from '../../../../../src-renderer/workspaces/design/layer-icons';
import LayerPalette from '../../../../../src-renderer/workspaces/design/LayerPalette.vue';
import PropertyPanel from '../../../../../src-renderer/workspaces/design/PropertyPanel.vue';
import { useDesignActions } from '../../../../../src-renderer/workspaces/design/use-design-actions';
import { sequence } from '../../../shared/network/builders';
import { openNetwork } from './network-page';

afterEach(() => {
  vi.restoreAllMocks();
  i18n.global.locale.value = 'en';
  document.body.innerHTML = '';
});

const Panel = defineComponent(() => {
  const actions = useDesignActions();
  return () => h(PropertyPanel, { actions });
});

async function page(text: string, options: { readOnly?: boolean } = {}) {
  const opened = await openNetwork(sequence(text), options);
  const global = { plugins: [opened.pinia, i18n] };
  return { ...opened, panel: mount(Panel, { global, attachTo: document.body }), global };
}

describe('the property panel', () => {
  it('shows the network, its totals and templates while nothing is selected', async () => {
    const { panel, store } = await page('input linear:16 relu linear:3 output');
    const rows = panel.findAll('tbody tr').map((row) => row.text());
    expect(rows).toEqual(['Input4', 'Linear1680', 'ReLU16', 'Linear 2351', 'Output3']);
    expect(panel.find('tfoot').text()).toContain('131');
    await panel.findAll('tbody button')[1]!.trigger('click');
    expect([...store.selected]).toEqual(['linear']);
  });

  it('edits a parameter, says what is allowed, and returns to the default', async () => {
    const { panel, store, project } = await page('input linear:3 output');
    store.select(['linear']);
    await nextTick();
    const units = panel.find('[data-parameter="units"] input');
    await units.setValue('5');
    await units.trigger('change');
    expect(store.network.layers[1]?.parameters).toEqual({ units: 5 });
    expect(panel.text()).toContain('4 → 5');
    await units.setValue('0');
    await units.trigger('change');
    expect(panel.find('[role="alert"]').text()).toContain('1');
    expect(store.network.layers[1]?.parameters).toEqual({ units: 5 });
    await panel.find('[data-parameter="units"] .reset').trigger('click');
    expect(store.network.layers[1]?.parameters).toEqual({});
    expect(project.undoLabel).toBe('design.undo.parameter');
  });

  it('takes shapes as lists and refuses other words', async () => {
    const { panel, store } = await page('input linear:3 output');
    store.select(['input']);
    await nextTick();
    const shape = panel.find('[data-parameter="shape"] input');
    expect(shape.attributes('placeholder')).toBe('from the data');
    await shape.setValue('2 × 2');
    await shape.trigger('change');
    expect(store.network.layers[0]?.parameters).toEqual({ shape: [2, 2] });
    await nextTick();
    expect(panel.text()).toContain('fixed to 2 × 2');
    await shape.setValue('many');
    await shape.trigger('change');
    expect(panel.find('[role="alert"]').text()).toContain('is many');
    expect(store.network.layers[0]?.parameters).toEqual({ shape: [2, 2] });
  });

  it('renames, and changes several layers of a kind at once', async () => {
    const { panel, store } = await page('input linear:8 linear:8 linear:3 output');
    store.select(['linear']);
    await nextTick();
    const name = panel.find('header input');
    await name.setValue('Hidden');
    await name.trigger('change');
    expect(store.network.layers[1]?.name).toBe('Hidden');
    store.select(['linear', 'linear-2']);
    await nextTick();
    expect(panel.text()).toContain('2 layers');
    const units = panel.find('[data-parameter="units"] input');
    await units.setValue('12');
    await units.trigger('change');
    expect(store.network.layers.map(({ parameters }) => parameters.units)).toEqual([undefined, 12, 12, 3, undefined]);
  });

  it('offers the fix where the problem is explained', async () => {
    const { panel, store } = await page('input linear:4 output');
    expect(panel.text()).toContain('has 3 classes');
    const fix = panel.findAll('button').find((button) => button.text() === 'Set the value that fits')!;
    await fix.trigger('click');
    expect(store.errorCount).toBe(0);
  });

  it('builds a template sized for the data', async () => {
    const { panel, store, project } = await page('input linear:3 output');
    await panel.find('[data-template="mlp"]').trigger('click');
    expect(store.network.layers.map(({ parameters }) => parameters.units).filter(Boolean)).toEqual([32, 32, 3]);
    expect(store.issues).toEqual([]);
    expect(project.undoLabel).toBe('design.undo.template');
  });

  it('shows which weights a layer shares, offers those that fit, and gives it its own again', async () => {
    const { panel, store, project } = await page('input linear:4 linear:4 linear:3 output');
    const tied = () => store.network.layers.find(({ id }) => id === 'linear-2')?.tied;
    store.edit('design.undo.tie', (network) => tieWeight(network, 'linear-2', 'weight', 'linear.weight^T'));
    store.select(['linear']);
    await nextTick();
    expect(panel.find('[data-ties]').text()).toContain('Weights shared with: Linear 2');
    store.select(['linear-2']);
    await nextTick();
    const select = panel.findComponent('[data-tie="weight"] .n-select') as VueWrapper<InstanceType<typeof NSelect>>;
    expect(select.props('options')?.map(({ label }) => label)).toEqual([
      'its own',
      'Linear: weight, rows as columns',
      'Linear: weight',
    ]);
    select.vm.$emit('update:value', 'linear.weight');
    expect(tied()).toEqual({ weight: 'linear.weight' });
    select.vm.$emit('update:value', '');
    expect(tied()).toBeUndefined();
    expect(project.undoLabel).toBe('design.undo.tie');
  });

  it('shows the numbers of an initialiser only while it is chosen, and freezes a layer', async () => {
    const { panel, store, project } = await page('input linear:3 output');
    store.select(['linear']);
    await nextTick();
    if (!panel.find('[data-parameter="weightInitialiser"]').exists()) await panel.find('.more').trigger('click');
    expect(panel.find('[data-parameter="weightDeviation"]').exists()).toBe(false);
    store.edit('design.undo.parameter', (network) => setParameter(network, 'linear', 'weightInitialiser', 'normal'));
    await nextTick();
    expect(panel.find('[data-parameter="weightDeviation"]').exists()).toBe(true);

    await panel.find('[data-trained] [role="switch"]').trigger('click');
    expect(store.network.layers[1]).toMatchObject({ id: 'linear', frozen: true });
    expect(project.undoLabel).toBe('design.undo.freeze');
    expect(store.issues.map(({ code }) => code)).toEqual(['network.all-frozen']);
    store.fix(store.issues[0]!.fix!);
    expect(store.network.layers[1]).not.toHaveProperty('frozen');
    store.select(['input']);
    await nextTick();
    expect(panel.find('[data-trained]').exists()).toBe(false);
  });

  it('disables every field of a project that is read only', async () => {
    const { panel, store } = await page('input linear:3 output', { readOnly: true });
    store.select(['linear']);
    await nextTick();
    for (const field of panel.findAll('input')) expect(field.attributes('disabled')).toBeDefined();
  });
});

describe('the palette', () => {
  it('finds layers in either language and appends them', async () => {
    const { global } = await page('input linear:3 output');
    const palette = mount(LayerPalette, { global });
    expect(palette.findAll('.entry')).toHaveLength(layerDefinitions.size);
    await palette.find('input').setValue('сигмоида');
    expect(palette.findAll('.entry').map((entry) => entry.attributes('data-kind'))).toEqual([
      'sigmoid',
      'hard-sigmoid',
    ]);
    await palette.find('.entry').trigger('click');
    expect(palette.emitted('append')).toEqual([['sigmoid']]);
    await palette.find('input').setValue('quantum');
    expect(palette.text()).toContain('No layer fits "quantum"');
  });
});

describe('signs of layers', () => {
  it('are a curve or an icon the page has', () => {
    for (const { kind, curve, icon } of layerDefinitions.values()) {
      if (!curve) expect([...layerIcons.keys()], kind).toContain(icon);
    }
  });
});

describe('the status line', () => {
  it('is ready, or walks from problem to problem', async () => {
    const { store, global } = await page('input linear:3 softmax output');
    const status = mount(DesignStatus, { global });
    expect(status.text()).toContain('Ready to train, with 1 remark');
    store.edit('design.undo.parameter', (network) => ({ ...network, edges: network.edges.slice(1) }));
    await nextTick();
    expect(status.text()).toContain('1 problem');
    await status.find('button').trigger('click');
    expect([...store.selected]).toEqual(['linear']);
    expect(status.text()).toContain('1 of');
    expect(status.text()).toContain('Input 1 of Linear is not connected');
  });

  it('counts in Russian as Russian does', async () => {
    const { global, store } = await page('input linear:3 output');
    const status = mount(DesignStatus, { global });
    i18n.global.locale.value = 'ru';
    store.edit('design.undo.disconnect', (network) => ({ ...network, edges: [] }));
    await nextTick();
    expect(status.text()).toMatch(/проблема|проблемы|проблем/);
  });
});
