import { useI18n } from 'vue-i18n';
import type { DeviceInfo } from '../../shared/api/contract';
import { reasonMessage } from '../../shared/errors';
import { useAppStore } from '../stores/app';
import { useFormat } from './use-format';

/** What devices are called and what is said of them, in the user's language. */
export function useDeviceWords() {
  const app = useAppStore();
  const format = useFormat();
  const { t } = useI18n();

  /** Threads, or memory. */
  function detail({ card, detail: text }: DeviceInfo): string {
    if (!card) return text;
    return t('frame.device.memory', { free: format.bytes(card.memoryFree), total: format.bytes(card.memoryTotal) });
  }

  function reason(device: DeviceInfo): string {
    return device.reason ? reasonMessage(device.reason, app.language) : '';
  }

  function option(device: DeviceInfo): string {
    const { name } = device;
    if (!device.usable) return t('train.device.unusable', { name, reason: reason(device) });
    return device.card ? t('train.device.card', { name, memory: format.bytes(device.card.memoryTotal) }) : name;
  }

  return {
    detail,
    reason,
    /** Of a card: what programmers ask for. */
    versions({ card }: DeviceInfo): string {
      if (!card) return '';
      const { capability, driver } = card;
      const blas = t(card.blas ? 'frame.device.blas' : 'frame.device.noBlas');
      return t('frame.device.versions', { capability, driver, blas });
    },
    /** In a list to choose from; cards of the same name are told apart by their numbers. */
    option(device: DeviceInfo): string {
      const alike = app.devices.filter(({ name }) => name === device.name).length > 1;
      const named = option(device);
      return alike ? t('train.device.numbered', { id: device.id.toUpperCase(), option: named }) : named;
    },
  };
}
