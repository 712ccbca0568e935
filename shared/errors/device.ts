import type { Text } from '../text';

/** Cards: the codes are also those of src-native/cuda, which may throw them itself. Sizes in MB. */
export const deviceErrors = {
  'device.unavailable': {
    en: 'The device "{device}" cannot be used: {reason}. Choose "auto" or "cpu".',
    ru: 'Устройство «{device}» использовать нельзя: {reason}. Выберите «auto» или «cpu».',
  },
  'device.operator': {
    en: 'The graphics card does not compute {operator} (layers: {node}). Run on the CPU, or replace these layers.',
    ru: 'Видеокарта не вычисляет {operator} (слои: {node}). Обучайте на процессоре или замените эти слои.',
  },
  'device.precision': {
    en: 'The device "{device}" does not multiply in {precision}: {reason}. Run in float32, or choose a graphics card that does.',
    ru: 'Устройство «{device}» не умножает в {precision}: {reason}. Обучайте во «float32» или выберите подходящую видеокарту.',
  },
  'device.memory': {
    en: 'The graphics card {device} has {free} MB free of {total} MB, {reason}. End other programs that use it, run on the CPU, or take a smaller batch, fewer lanes or a smaller network.',
    ru: 'На видеокарте {device} свободно {free} МБ из {total} МБ, {reason}. Завершите другие программы, которые её занимают, обучайте на процессоре или уменьшите батч, число дорожек или сеть.',
  },
  'device.failed': {
    en: 'The graphics card failed ({call}: {reason}). Start again; if it repeats, run on the CPU.',
    ru: 'Сбой видеокарты ({call}: {reason}). Запустите заново; если повторится, обучайте на процессоре.',
  },
} satisfies Record<string, Text>;
