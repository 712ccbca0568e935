import { shallowRef, type ShallowRef } from 'vue';
import { LaneSeries } from './lane-series';

/** The curves of one experiment: plain data by lane, and one number that tells Vue when to look again. */
export class ExperimentSeries {
  readonly version: ShallowRef<number> = shallowRef(0);
  #lanes = new Map<string, LaneSeries>();

  lane(id: string): LaneSeries {
    let lane = this.#lanes.get(id);
    if (!lane) {
      lane = new LaneSeries();
      this.#lanes.set(id, lane);
    }
    return lane;
  }

  /** To be called once per message, after all lanes took their points. */
  changed(): void {
    this.version.value++;
  }
}

/** Curves of the experiments that are looked at; the rest stay on disk. */
export class SeriesStore {
  #experiments = new Map<string, ExperimentSeries>();

  has(experiment: string): boolean {
    return this.#experiments.has(experiment);
  }

  of(experiment: string): ExperimentSeries {
    let series = this.#experiments.get(experiment);
    if (!series) {
      series = new ExperimentSeries();
      this.#experiments.set(experiment, series);
    }
    return series;
  }

  forget(experiment: string): void {
    this.#experiments.delete(experiment);
  }

  clear(): void {
    this.#experiments.clear();
  }
}
