import type { PreparedData } from './dataset';
import type { TensorCache } from './tensor-cache';

/** Prepared samples of an open data set, kept in memory: pictures of a training ask for them several times a second. */
export class PreparedOnce {
  private prepared: Promise<PreparedData> | null = null;

  constructor(private readonly cache: TensorCache | null) {}

  async get(make: () => Promise<PreparedData>): Promise<PreparedData> {
    const prepared = this.prepared ?? (this.cache ? this.cache.get(make) : make());
    this.prepared = prepared;
    try {
      return await prepared;
    } catch (error) {
      // What failed once (a full memory, a file in use) may work the next time.
      if (this.prepared === prepared) this.prepared = null;
      throw error;
    }
  }

  drop(): void {
    this.prepared = null;
  }
}
