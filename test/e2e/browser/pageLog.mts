import type { Page } from './playwright.mts';

/** What a browser's developer tools would show of a page: errors, and what it loaded. */
export class PageLog {
	/** Exceptions that nothing caught. */
	readonly exceptions: string[] = [];
	/** Errors that were written to the console. */
	readonly consoleErrors: Array<{ readonly text: string; readonly url: string }> = [];
	/** Responses from any server, e.g. "200 /types/nodes.json". */
	readonly responses: string[] = [];
	readonly #page: Page;

	constructor(page: Page) {
		this.#page = page;
		page.on('pageerror', (error) => this.exceptions.push(error.stack ?? error.message));
		page.on('console', (message) => {
			if (message.type() !== 'error') {
				return;
			}
			this.consoleErrors.push({ text: message.text(), url: message.location().url });
		});
		page.on('response', (response) =>
			this.responses.push(`${response.status()} ${new URL(response.url()).pathname}`),
		);
	}

	/** Raises an exception and a console error in the page, to check that this log catches them. */
	async raiseExamples(name: string): Promise<void> {
		await this.#page.evaluate(`console.error('console ${name}')`);
		await this.#page.evaluate(`void setTimeout(() => { throw new Error('exception ${name}'); })`);
	}
}
