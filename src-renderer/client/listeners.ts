import { eventNames, type EventName, type LabEvents } from '../../shared/api/contract';

type Listener = (payload: never) => void;

/** Who wants to hear which event. */
export class Listeners {
  readonly #byEvent = new Map<EventName, Set<Listener>>(eventNames.map((name) => [name, new Set()]));

  on<Name extends EventName>(event: Name, listener: (payload: LabEvents[Name]) => void): () => void {
    const listeners = this.#byEvent.get(event);
    listeners?.add(listener);
    return () => listeners?.delete(listener);
  }

  /** A name this page does not know comes from a newer host and concerns nobody here. */
  emit(event: string, payload: unknown): void {
    const listeners = this.#byEvent.get(event as EventName);
    for (const listener of [...(listeners ?? [])]) listener(payload as never);
  }
}
