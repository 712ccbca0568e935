import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ExperimentSummary, LaneSummary } from '../../../shared/api/experiments';
import { laneStyle, type LaneStyle } from '../../lanes';
import type { LaneSeries } from '../../series/lane-series';
import { useAppStore } from '../../stores/app';
import { useExperimentsStore } from '../../stores/experiments';
import { laneName } from './lane-names';
import { numberText } from './settings/number-text';
import { leaderOf, type Leader } from './stage/leader';
import { isFalling, verdictOf, type Verdict } from './stage/verdict';

/** One lane as the page shows it. */
export interface RaceLane {
  index: number;
  summary: LaneSummary;
  name: string;
  style: LaneStyle;
  verdict: Verdict;
  series: LaneSeries;
}

export interface Race {
  experiment: ComputedRef<ExperimentSummary | null>;
  lanes: ComputedRef<RaceLane[]>;
  leader: ComputedRef<Leader | null>;
  /** Changes whenever the curves do. */
  version: ComputedRef<number>;
}

/** The shown experiment with names, colours, the leader and everybody's verdict. */
export function useRace(): Race {
  const { t, locale } = useI18n();
  const app = useAppStore();
  const experiments = useExperimentsStore();

  const experiment = computed(() => experiments.current);
  const version = computed(() => (experiment.value ? experiments.seriesOf(experiment.value.id).version.value : 0));
  const leader = computed(() => (experiment.value ? leaderOf(experiment.value) : null));

  const lanes = computed<RaceLane[]>(() => {
    const race = experiment.value;
    if (!race) return [];
    const series = experiments.seriesOf(race.id);
    const all = race.lanes.map((lane) => lane.settings);
    const first = leader.value && race.lanes.find((lane) => lane.id === leader.value?.lane);
    const ahead = first && leader.value ? { lane: first, by: leader.value } : null;
    // Verdicts read the curves, which Vue does not follow.
    void series.version.value;
    return race.lanes.map((summary, index) => ({
      index,
      summary,
      name: laneName(
        summary.settings,
        all,
        (value) => numberText(value, locale.value),
        (on) => t(on ? 'train.nesterovOn' : 'train.nesterovOff'),
      ),
      style: laneStyle(index, app.dark),
      verdict: verdictOf(summary, ahead, isFalling(series.lane(summary.id))),
      series: series.lane(summary.id),
    }));
  });

  return { experiment, lanes, leader, version };
}
