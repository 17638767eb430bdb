import { ServiceRate } from "../routing/service-rate";

export interface ServerRoomOptions {
  readonly monotonicMs: () => number;
  /** How many gateways share a server's capacity, this one included. */
  readonly gateways: () => number;
  /** Somebody waits who would take a place at this server at once. */
  readonly isAwaited: (serverId: string) => boolean;
  /** A place at a server with a capacity has become free. */
  readonly onFreed: (serverId: string) => void;
}

/** What a room is found by: all revisions of a backend at one address share one, whatever model or path they name. */
export function toServerId({ backendId, origin }: { readonly backendId: string; readonly origin: string }): string {
  return `${backendId} ${origin}`;
}

/** How many calls this gateway has under way at one server, and how many it may have. */
export class ServerRoom {
  #inFlight = 0;
  readonly #ends = new ServiceRate();

  constructor(
    readonly id: string,
    /** Set by the snapshot, for all gateways together; null: not bounded. Stays as it was once no snapshot names the server. */
    public capacity: number | null,
    private readonly options: ServerRoomOptions,
  ) {}

  get inFlight(): number {
    return this.#inFlight;
  }

  /** This gateway's part of the capacity has room for one more. */
  get hasRoom(): boolean {
    return this.capacity === null || this.#inFlight < Math.max(1, Math.floor(this.capacity / this.options.gateways()));
  }

  /** For whoever comes now: those who wait for it already come first. */
  get isFull(): boolean {
    return this.capacity !== null && (!this.hasRoom || this.options.isAwaited(this.id));
  }

  /** Calls that ended per second of late; counted while there is a capacity. */
  get endsPerSecond(): number {
    return this.#ends.perSecond(this.options.monotonicMs());
  }

  enter(): void {
    this.#inFlight++;
  }

  /** Once for each that entered. */
  leave(nowMs: number): void {
    this.#inFlight--;
    if (this.capacity === null) return;
    this.#ends.note(nowMs);
    this.options.onFreed(this.id);
  }
}
