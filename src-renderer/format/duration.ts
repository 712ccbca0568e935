import type { Language } from '../../shared/text';
import { formatNumber } from './numbers';

const units: Record<Language, { d: string; h: string; min: string; s: string; ms: string }> = {
  en: { d: 'd', h: 'h', min: 'min', s: 's', ms: 'ms' },
  ru: { d: 'д', h: 'ч', min: 'мин', s: 'с', ms: 'мс' },
};

/** At most two units: "450 ms", "12 s", "3 min 20 s", "2 h 05 min", "3 d 4 h". */
export function formatDuration(seconds: number, language: Language): string {
  const unit = units[language];
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ${unit.ms}`;
  if (seconds < 10) return `${formatNumber(seconds, language, 2)} ${unit.s}`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} ${unit.s}`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return pair(minutes, unit.min, whole % 60, unit.s);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, unit.h, minutes % 60, unit.min);
  return pair(Math.floor(hours / 24), unit.d, hours % 24, unit.h);
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${String(small).padStart(2, '0')} ${smallUnit}`;
}
