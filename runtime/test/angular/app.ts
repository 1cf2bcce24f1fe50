// An Angular application with the chat in two components, of which the test shows and hides each.
import { Component, provideZonelessChangeDetection, signal, type OnDestroy, type OnInit } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { mount } from '/runtime.js';

@Component({ selector: 'app-chat', template: '' })
class Chat implements OnInit, OnDestroy {
  private unmount = (): void => {};

  ngOnInit(): void {
    this.unmount = mount({ endpoint: '/token', src: '/widget.js', load: 'eager' });
  }

  ngOnDestroy(): void {
    this.unmount();
  }
}

@Component({
  selector: 'app-root',
  imports: [Chat],
  template: '<main><p>text</p>@if (one()) {<app-chat />} @if (two()) {<app-chat />}</main>',
})
class App {
  readonly one = signal(true);
  readonly two = signal(true);

  constructor() {
    Object.assign(window, { app: this });
  }
}

void bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] });
