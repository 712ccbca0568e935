import {
  CheckCircle2,
  CircleDashed,
  Hourglass,
  Minus,
  OctagonX,
  Square,
  TrendingDown,
  TrendingUp,
  Trophy,
  Waves,
} from '@lucide/vue';
import type { Component } from 'vue';
import { useI18n } from 'vue-i18n';
import { useFormat } from '../../../format/use-format';
import type { RaceLane } from '../use-race';
import { timesLeader } from './verdict';
import type { Leader } from './leader';

/** State of a lane as a word, a shape and a tone; never a colour alone. */
export interface LaneWords {
  icon: Component;
  tone: 'plain' | 'good' | 'warning' | 'bad';
  /** One or two words. */
  state: string;
  /** Why, in one sentence. */
  reason: string;
}

const stateIcons: Record<string, { icon: Component; tone: LaneWords['tone'] }> = {
  waiting: { icon: Hourglass, tone: 'plain' },
  improving: { icon: TrendingDown, tone: 'good' },
  oscillating: { icon: Waves, tone: 'warning' },
  plateau: { icon: Minus, tone: 'warning' },
  overfitting: { icon: TrendingUp, tone: 'warning' },
  diverged: { icon: OctagonX, tone: 'bad' },
  done: { icon: CheckCircle2, tone: 'plain' },
  finished: { icon: CheckCircle2, tone: 'plain' },
  stopped: { icon: Square, tone: 'plain' },
  'target-reached': { icon: CheckCircle2, tone: 'good' },
  'no-improvement': { icon: Minus, tone: 'plain' },
  'time-up': { icon: Hourglass, tone: 'plain' },
};

export function useLaneWords(): (lane: RaceLane, leader: Leader | null) => LaneWords {
  const { t } = useI18n();
  const format = useFormat();

  return (lane, leader) => {
    const { summary, verdict } = lane;
    // What the curve does says more than "finished"; a lane that is over is marked so beside it.
    const key = summary.state === 'running' || summary.state === 'diverged' ? summary.health : summary.state;
    const icon = summary.state === 'diverged' ? stateIcons.diverged : stateIcons[key];
    const state =
      summary.state === 'diverged' && summary.divergedAt
        ? t('train.state.divergedAt', { step: format.count(summary.divergedAt.step) })
        : t(`train.state.${key}`);
    const values: Record<string, string> = {};
    if ('step' in verdict) {
      values.step = format.count(verdict.step);
      values.loss = format.number(summary.divergedAt?.loss ?? Number.NaN);
    }
    if (leader) values.times = format.number(timesLeader(summary, leader), 2);
    const split = leader?.split ?? 'training';
    values.split = t(`train.split.${split}`);
    return {
      icon: (verdict.kind === 'leads' ? Trophy : icon?.icon) ?? CircleDashed,
      tone: verdict.kind === 'leads' ? 'good' : (icon?.tone ?? 'plain'),
      state,
      reason: t(`train.verdict.${verdict.kind}`, values),
    };
  };
}
