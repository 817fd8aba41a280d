// What the scripts find in the window beside the browser's own; read by `tsc`, sent to nobody.

interface Window {
  /** static/vendor/htmx.js */
  htmx: {
    ajax(verb: string, url: string, options?: object): Promise<void>;
    process(element: Element): void;
    swap(context: object): Promise<void>;
  };
}
