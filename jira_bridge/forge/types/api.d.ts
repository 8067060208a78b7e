/** What the app's function uses of Forge's API, so that its types are checked without the package. */
declare const api: {
  asApp(): { requestJira(path: Route): Promise<Response> };
};
export default api;

export interface Route {
  value: string;
}

export function route(parts: TemplateStringsArray, ...values: unknown[]): Route;
