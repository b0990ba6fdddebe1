import type { Page } from './playwright.mts';

/** What a browser's developer tools would show of a page: errors, and what it loaded. */
export class PageLog {
	/** Exceptions that nothing caught. */
	readonly exceptions: string[] = [];
	/** What was written to the console as an error. */
	readonly consoleErrors: Array<{ readonly text: string; readonly url: string }> = [];
	/** What the pages loaded from any server: "200 /types/nodes.json". */
	readonly answers: string[] = [];
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
			this.answers.push(`${response.status()} ${new URL(response.url()).pathname}`),
		);
	}

	/** Raises an exception and writes a console error in the page: a log that misses them would miss others, too. */
	async raiseExamples(name: string): Promise<void> {
		await this.#page.evaluate(`console.error('console ${name}')`);
		await this.#page.evaluate(`void setTimeout(() => { throw new Error('exception ${name}'); })`);
	}
}
