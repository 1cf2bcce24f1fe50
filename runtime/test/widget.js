// Stands in for the vendor's widget: shows itself, and records each evaluation with the token that it saw.
const tag = document.getElementById('operator-chat-panel-script');
const token = tag?.getAttribute('token');
(window.__evals ??= []).push({ token, fragment: new URL(import.meta.url).hash });
const panel = document.createElement('div');
panel.className = 'widget';
panel.textContent = 'chat ' + window.__evals.length;
document.body.append(panel);
