import { useEventListener } from '@vueuse/core';
import { computed, type ComputedRef, type Ref } from 'vue';
import { useExperimentsStore, type StepUnit } from '../../stores/experiments';
import { useProjectStore } from '../../stores/project';

export interface RunActions {
  /** i18n key of what the main button does now. */
  toggleKey: ComputedRef<'train.start' | 'train.pause' | 'train.resume'>;
  canToggle: ComputedRef<boolean>;
  toggle: () => Promise<void>;
  canStep: ComputedRef<boolean>;
  canStepSample: ComputedRef<boolean>;
  step: (unit: StepUnit) => Promise<void>;
}

/** What Space and the arrow keys, the buttons and the command search do. Keys work while the page is `shown`. */
export function useRunActions(ready: ComputedRef<boolean>, shown: Ref<boolean>): RunActions {
  const experiments = useExperimentsStore();
  const project = useProjectStore();
  const state = computed(() => experiments.running?.state ?? null);

  const toggleKey = computed(() => {
    if (state.value === 'running' || state.value === 'starting') return 'train.pause';
    return state.value === 'paused' ? 'train.resume' : 'train.start';
  });
  const canToggle = computed(() => {
    if (experiments.busy || state.value === 'starting') return false;
    return state.value !== null || (ready.value && project.readOnly === null);
  });

  async function toggle(): Promise<void> {
    if (!canToggle.value) return;
    if (state.value === 'running') await experiments.pause();
    else if (state.value === 'paused') await experiments.resume();
    else await experiments.start();
  }

  const canStep = computed(
    () =>
      !experiments.busy &&
      (state.value === 'paused' || (state.value === null && ready.value && project.readOnly === null)),
  );
  const canStepSample = computed(() => {
    const settings = experiments.activeExperiment?.settings ?? project.document?.training;
    return settings?.batch === 'online';
  });

  /** Without a run yet, makes one that waits at step 0 and goes one step. */
  async function step(unit: StepUnit): Promise<void> {
    if (!canStep.value) return;
    if (state.value === null && !(await experiments.start({ paused: true }))) return;
    await experiments.step(unit);
  }

  // A button that was clicked keeps the focus, but who clicks means the page's Space; who came by Tab means the button's.
  let cameByTab = false;
  useEventListener(window, 'pointerdown', () => (cameByTab = false), { capture: true });

  // Captured: the kept Design page listens for Space too, to pan, and would take it away.
  useEventListener(
    window,
    'keydown',
    (event: KeyboardEvent) => {
      if (event.key === 'Tab') cameByTab = true;
      if (!shown.value || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === ' ' && !event.repeat && !within(event.target, cameByTab ? takesSpace : takesKeys))
        void toggle();
      else if (event.key === 'ArrowRight' && !within(event.target, takesArrows)) {
        void step(event.shiftKey ? 'epoch' : canStepSample.value ? 'sample' : 'batch');
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );

  return { toggleKey, canToggle, toggle, canStep, canStepSample, step };
}

/** Where the keys have a meaning of their own. */
const takesKeys =
  'input, textarea, select, [contenteditable], [role="slider"], [role="option"], [role="dialog"], [role="tab"], [role="menu"]';
const takesArrows = `${takesKeys}, [data-arrow-keys]`;
const takesSpace = `${takesKeys}, button, a, label, [role="switch"], [role="checkbox"]`;

function within(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
