/** Next calls it once, when the server starts. */
export async function register(): Promise<void> {
  // Next builds this file a second time for its edge runtime, where only this very condition keeps Node's modules out.
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { startWeb } = await import("./lib/http/start-web");
    startWeb();
  }
}
