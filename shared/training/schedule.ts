import { z } from 'zod';

export const scheduleKinds = [
  'constant',
  'step',
  'exponential',
  'polynomial',
  'cosine',
  'one-cycle',
  'plateau',
] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/** Meanings are those of src-native/core/schedule.h, formulas those of torch.optim.lr_scheduler 2.13. */
const parameterSchemas = {
  /** Linear from warmupStart · rate to the rate during so many units; then the rest of the schedule starts. */
  warmup: z.number().int().min(0),
  warmupStart: z.number().gt(0).max(1),
  every: z.number().int().min(1),
  gamma: z.number().positive().finite(),
  /** Units until the end; 0: until the end of training. */
  length: z.number().int().min(0),
  power: z.number().positive().finite(),
  /** Units until the first restart; 0: none. */
  period: z.number().int().min(0),
  stretch: z.number().int().min(1),
  minimum: z.number().min(0).finite(),
  rise: z.number().min(0).max(1),
  startDivisor: z.number().positive().finite(),
  endDivisor: z.number().positive().finite(),
  linear: z.boolean(),
  factor: z.number().gt(0).lt(1),
  patience: z.number().int().min(0),
  threshold: z.number().min(0).finite(),
  cooldown: z.number().int().min(0),
} as const;
export type ScheduleParameter = keyof typeof parameterSchemas;

export const scheduleDefaults = {
  warmup: 0,
  warmupStart: 1 / 3,
  every: 30,
  gamma: 0.1,
  length: 0,
  power: 1,
  period: 0,
  stretch: 1,
  minimum: 0,
  rise: 0.3,
  startDivisor: 25,
  endDivisor: 1e4,
  linear: false,
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  cooldown: 0,
} as const satisfies Record<ScheduleParameter, number | boolean>;

/** What each kind reads beside the warm-up. */
export const scheduleParameters: Record<ScheduleKind, readonly ScheduleParameter[]> = {
  constant: [],
  step: ['every', 'gamma'],
  exponential: ['gamma'],
  polynomial: ['power', 'length'],
  cosine: ['period', 'stretch', 'minimum', 'length'],
  'one-cycle': ['rise', 'startDivisor', 'endDivisor', 'linear', 'length'],
  plateau: ['factor', 'patience', 'threshold', 'cooldown', 'minimum'],
};

type OptionalParameters = { [Name in ScheduleParameter]: z.ZodOptional<(typeof parameterSchemas)[Name]> };
const optionals = Object.fromEntries(
  Object.entries(parameterSchemas).map(([name, schema]) => [name, schema.optional()]),
) as OptionalParameters;

/** What is left out has its default. */
export const scheduleSchema = z.strictObject({
  kind: z.enum(scheduleKinds).default('constant'),
  /** What time is counted in; a plateau is always judged after an epoch. */
  unit: z.enum(['epoch', 'step']).default('epoch'),
  ...optionals,
});
export type ScheduleSettings = z.infer<typeof scheduleSchema>;

export type ScheduleParameters = { -readonly [Name in ScheduleParameter]: z.infer<(typeof parameterSchemas)[Name]> };

/** All parameters, defaults filled in. */
export function resolveSchedule(settings: ScheduleSettings): ScheduleParameters {
  const resolved: Record<string, number | boolean> = { ...scheduleDefaults };
  for (const name of Object.keys(scheduleDefaults) as ScheduleParameter[]) {
    const value = settings[name];
    if (value !== undefined) resolved[name] = value;
  }
  return resolved as ScheduleParameters;
}

/**
 * The learning rate after `time` units of `total`, for a preview and for tests; training uses rateAt of src-native/core/schedule.cpp, with
 * which a test compares this. A plateau is drawn without reductions: nobody knows them beforehand.
 */
export function rateAt(settings: ScheduleSettings, base: number, time: number, total: number): number {
  const s = resolveSchedule(settings);
  if (time < s.warmup) return base * (s.warmupStart + ((1 - s.warmupStart) * time) / s.warmup);
  const since = time - s.warmup;
  const length = s.length > 0 ? s.length : Math.max(0, total - s.warmup);
  switch (settings.kind) {
    case 'step':
      return base * s.gamma ** Math.floor(since / s.every);
    case 'exponential':
      return base * s.gamma ** since;
    case 'polynomial':
      return since >= length ? 0 : base * (1 - since / length) ** s.power;
    case 'cosine':
      return cosine(s, base, since, length);
    case 'one-cycle':
      return oneCycle(s, base, since, length);
    case 'constant':
    case 'plateau':
      return base;
  }
}

function cosine(s: ScheduleParameters, base: number, time: number, length: number): number {
  let period = s.period > 0 ? s.period : length;
  let since = time;
  if (s.period === 0) since = Math.min(time, length);
  else if (s.stretch === 1) since = time % period;
  else
    while (since >= period) {
      since -= period;
      period *= s.stretch;
    }
  const share = period > 0 ? since / period : 1;
  return s.minimum + ((base - s.minimum) * (1 + Math.cos(Math.PI * share))) / 2;
}

function oneCycle(s: ScheduleParameters, base: number, time: number, length: number): number {
  const start = base / s.startDivisor;
  const peak = s.rise * length - 1;
  const end = length - 1;
  if (time <= peak) return anneal(start, base, peak > 0 ? time / peak : 1, s.linear);
  return anneal(base, start / s.endDivisor, end > peak ? (time - peak) / (end - peak) : 1, s.linear);
}

function anneal(start: number, end: number, share: number, linear: boolean): number {
  const at = Math.min(1, Math.max(0, share));
  return linear ? start + (end - start) * at : end + ((start - end) / 2) * (1 + Math.cos(Math.PI * at));
}
