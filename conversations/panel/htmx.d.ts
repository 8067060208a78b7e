/** What the panel's scripts use of htmx 4, which its document loads before them. */
declare const htmx: {
  /** Put a text of parts, each naming its own place, into the page. */
  swap(how: {
    sourceElement: Element;
    target: Element;
    swap: string;
    text: string;
  }): Promise<void>;
};
