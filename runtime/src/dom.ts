/**
 * Listens on the window in the capture phase: there events pass too that are fired at the document and do not bubble
 * (`resume`, those of navigation libraries and consent banners). The same listener again is not added twice.
 */
export const on = (names: string, listener: (event: any) => void): void =>
  names.split(' ').forEach((name) => addEventListener(name, listener, true));
