/** Next calls it once, when the server starts. */
export async function register(): Promise<void> {
  const { startWeb } = await import("./lib/http/start-web");
  startWeb();
}
