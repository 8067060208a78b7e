/** What the shell uses of Forge's page bridge, so that its types are checked without the package. */
export interface Extension {
  type?: string;
  modal?: unknown;
  issue?: { id?: string; key?: string };
}

export interface Context {
  locale?: string;
  timezone?: string;
  extension?: Extension;
}

export function invokeRemote(call: { method: string; path: string; body?: object }): Promise<
  { status?: number; body?: any } | undefined
>;

export const view: {
  getContext(): Promise<Context>;
  theme: { enable(): Promise<void> };
};
export const router: { open(url: string): Promise<void> };
export const events: {
  on(name: string, listener: (payload?: { issueId?: unknown }) => void): Promise<unknown>;
};

export class Modal {
  constructor(options: { resource?: string; size?: string; context?: object });
  open(): Promise<void>;
}
