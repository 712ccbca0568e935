import { computed } from 'vue';
import { useAppStore } from '../stores/app';
import { formatDuration } from './duration';
import { formatBytes, formatCount, formatDate, formatNumber, formatPercent, formatTime } from './numbers';

/** The formats of this folder in the user's language; reactive when used in a template or a computed. */
export function useFormat() {
  const app = useAppStore();
  const language = computed(() => app.language);
  return {
    number: (value: number, digits?: number) => formatNumber(value, language.value, digits),
    count: (value: number) => formatCount(value, language.value),
    percent: (share: number, digits?: number) => formatPercent(share, language.value, digits),
    bytes: (bytes: number) => formatBytes(bytes, language.value),
    duration: (seconds: number) => formatDuration(seconds, language.value),
    date: (iso: string) => formatDate(iso, language.value),
    time: (time: number) => formatTime(time, language.value),
  };
}
