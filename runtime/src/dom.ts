/** The id of the widget's script. */
export const ID = 'operator-chat-panel-script';

/** The widget's script: the one that we made, or the copy that a navigation library (Astro's) has put in its place. */
export const script = (): HTMLScriptElement | null => document.getElementById(ID) as any;

/**
 * Listens on the window in the capture phase: there events pass too that are fired at the document and do not bubble
 * (`resume`, those of navigation libraries and consent banners). The same listener again is not added twice.
 */
export const on = (names: string | undefined, listener: (event: any) => void): void =>
  names?.split(' ').forEach((name) => addEventListener(name, listener, true));
