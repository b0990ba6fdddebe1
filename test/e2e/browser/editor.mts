import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Login } from '../n8n/restSession.mts';
import type { RunningN8n } from '../n8n/server.mts';
import { eventually } from '../setup/eventually.mts';
import { PageLog } from './pageLog.mts';
import { openBrowser, type Box, type Browser, type Locator, type Page } from './playwright.mts';

/** An element is at rest if it has not moved in this many checks, 100 ms apart. */
const CHECKS_AT_REST = 5;

const MOST_DRAGS = 3;

/** Clicks that only the test makes: it opens the saved credential again, and fills in the simulator's address. */
const CLICKS_OF_THE_TEST = /credential-edit|editCredential-modal|parameter-input-platform/;

/** n8n's editor as a user sees and uses it. */
export class Editor {
	readonly page: Page;
	/** The log of the page since the browser was opened. */
	readonly log: PageLog;
	readonly #browser: Browser;
	readonly #url: string;

	private constructor(browser: Browser, url: string) {
		this.page = browser.page;
		this.log = new PageLog(browser.page);
		this.#browser = browser;
		this.#url = url;
	}

	/** Opens a new browser in which the owner of an n8n is signed in. */
	static async open({ client }: Pick<RunningN8n, 'client'>): Promise<Editor> {
		const { login } = client.session;
		const browser = await openBrowser(login.origin);
		try {
			await signIn(browser, login);
			return new Editor(browser, login.origin);
		} catch (cause) {
			await browser.close();
			throw cause;
		}
	}

	async close(): Promise<void> {
		await this.#browser.close();
	}

	/** Leaves the editor: n8n lets nobody else change a workflow that is open in it. */
	async leave(): Promise<void> {
		await this.page.goto('about:blank');
	}

	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.#url}/workflow/${id}`);
		await this.#canvasAtRest();
	}

	/** Imports a file into a new workflow through the menu's file input. */
	async importFile(path: string): Promise<void> {
		await this.page.goto(`${this.#url}/workflow/new`);
		await this.page.getByTestId('workflow-import-input').setInputFiles(path);
		await this.#canvasAtRest();
	}

	/** Imports a file into the open workflow as a user does: with the menu and the file chooser. */
	async importByMenu(path: string): Promise<void> {
		await this.page.getByTestId('workflow-menu').first().click();
		await this.page.getByTestId('workflow-menu-item-import').click();
		const fileChooser = this.page.waitForEvent('filechooser');
		await this.page.getByTestId('workflow-menu-item-import-from-file').click();
		await (await fileChooser).setFiles(path);
		await this.#canvasAtRest();
	}

	/** Chooses a credential in the open node; n8n also assigns it to all nodes that refer to a missing credential of that name. */
	async chooseCredential(name: string): Promise<void> {
		const entry = this.page.locator('.el-select-dropdown__item:visible', { hasText: name }).first();
		await eventually(async () => {
			// A window that has just opened may ignore the click.
			if (!(await entry.isVisible())) {
				await this.nodeWindow.getByTestId('node-credentials-select').first().click();
			}
			await entry.click({ timeout: 5000 });
		});
	}

	/** Replaces the text of a field of the open node. */
	async replaceText(field: string, text: string): Promise<void> {
		await this.field(field).locator('input').first().click();
		await this.page.keyboard.press('ControlOrMeta+a');
		await this.page.keyboard.insertText(text);
	}

	/** Starts to record clicks, pastes and filled fields. @returns a function that reads those a user would also need */
	async countClicks(): Promise<() => Promise<string[]>> {
		await this.page.evaluate(`{
			const done = (window.clicksDone = []);
			const fields = new Set();
			const nameOf = ({ target }) => target.closest?.('[data-test-id]')?.dataset.testId ?? target.tagName;
			addEventListener('pointerdown', (event) => event.isTrusted && done.push('click ' + nameOf(event)), true);
			addEventListener('paste', () => done.push('paste'), true);
			addEventListener('input', (event) => {
				if (!fields.has(event.target)) done.push('type ' + nameOf(event));
				fields.add(event.target);
			}, true);
		}`);
		return async () => {
			const done = (await this.page.evaluate('window.clicksDone')) as string[];
			return done.filter(
				(click, index) => !CLICKS_OF_THE_TEST.test(click) && !/-platform$/.test(done[index - 1] ?? ''),
			);
		};
	}

	/** Pastes a text onto the canvas. */
	async paste(text: string): Promise<void> {
		await this.page.evaluate(`{
			const clipboardData = new DataTransfer();
			clipboardData.setData('text/plain', ${JSON.stringify(text)});
			document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
		}`);
	}

	/** Drags the output of a node to the input of another one. */
	async connect(from: string, to: string): Promise<void> {
		const handleOf = (kind: string, name: string) =>
			this.page.locator(`[data-test-id=canvas-node-${kind}-handle][data-node-name="${name}"]`).first();
		await this.#drag(handleOf('output', from), handleOf('input', to));
	}

	/** Opens a node of the workflow. */
	async openNode(name: string): Promise<void> {
		await this.#canvasNode(name).dblclick();
		await this.page.getByTestId('node-parameters').waitFor();
	}

	/** Saves the workflow, if n8n does not save it automatically. */
	async save(): Promise<void> {
		const save = this.page.getByTestId('workflow-save-button');
		if (await save.isVisible()) {
			await save.click();
		}
	}

	/** The id of the open workflow, once it is saved. */
	async workflowId(): Promise<string> {
		const [, id] = /workflow\/(\w+)/.exec(String(await this.page.evaluate('location.href')))!;
		return id!;
	}

	/** Publishes the workflow, so that its triggers run the changed version. */
	async publish(): Promise<void> {
		await this.page.getByTestId('workflow-open-publish-modal-button').click();
		const publish = this.page.getByTestId('workflow-publish-button');
		await publish.click();
		await publish.waitFor({ state: 'hidden' });
	}

	/** Runs the workflow from one of its triggers, whose button is only visible when the mouse is near. */
	async executeFrom(trigger: string): Promise<void> {
		await this.page.getByTestId(`execute-workflow-button-${trigger}`).dispatchEvent('click');
	}

	/** The names of the nodes of the workflow. */
	async canvasNodes(): Promise<string[]> {
		const nodes = await this.page.locator('[data-test-id=canvas-node][data-node-name]').all();
		return await Promise.all(nodes.map(async (node) => (await node.getAttribute('data-node-name')) ?? ''));
	}

	/** Zooms out until the whole workflow is visible above the button at the bottom. */
	async showWhole(): Promise<void> {
		await this.page.getByTestId('zoom-to-fit').click();
		await this.page.getByTestId('zoom-out-button').click();
		await this.#canvasAtRest();
	}

	/** Waits for a text on a node of the canvas, e.g. its subtitle. */
	async expectOnNode(name: string, text: string): Promise<void> {
		await this.#canvasNode(name).getByText(text, { exact: true }).first().waitFor();
	}

	/** Opens the node panel with the + at the end of the workflow. */
	async openNodePanel(): Promise<void> {
		await this.page.getByTestId('canvas-handle-plus').last().click();
		await this.page.getByTestId('node-creator-search-bar').waitFor();
	}

	/**
	 * Types into the panel's search, and waits until the list, which is updated with a delay, has exactly the expected names.
	 *
	 * @throws AssertionError if it does not
	 */
	async searchNodes(text: string, expected: readonly string[]): Promise<void> {
		await this.page.getByTestId('node-creator-search-bar').fill(text);
		const names = this.page.getByTestId('node-creator-item-name');
		await eventually(async () => assert.deepEqual(await names.allInnerTexts(), expected, text));
	}

	/** Adds a node of the panel by one of its actions, which opens the node. */
	async addNode(name: string, action: string): Promise<void> {
		await this.#panelEntry(name).click();
		await this.#panelEntry(action).click();
		await this.page.getByTestId('node-parameters').waitFor();
	}

	/** Executes the previous nodes, so that the open node's input has rows. */
	async fetchInput(aColumn: string): Promise<void> {
		await this.page
			.getByText(/Execute previous nodes/i)
			.first()
			.click();
		await this.#column(aColumn).waitFor();
		await this.closeMessages();
	}

	/** Drags a column of the input onto a field of the open node, and checks that the field refers to it. */
	async dragColumn(column: string, field: string): Promise<void> {
		const target = this.field(field);
		for (let round = 1; ; round++) {
			await this.#drag(this.#column(column), target);
			try {
				const mapped = async () => {
					const text = await target.innerText();
					assert.ok(
						[`{{ $json.${column} }}`, `{{ $json['${column}'] }}`].some((reference) =>
							text.includes(reference),
						),
						text,
					);
				};
				await eventually(mapped, 5000);
				return;
			} catch (cause) {
				// An editor that is too busy to follow the mouse misses the drop.
				if (round >= MOST_DRAGS) {
					throw cause;
				}
			}
		}
	}

	async #drag(source: Locator, target: Locator): Promise<void> {
		const { mouse } = this.page;
		await target.scrollIntoViewIfNeeded();
		// Each mapped field gets a line with its value, which moves the fields below.
		const { x, y, width, height } = await boxAtRest(target);
		// After the existing expression: n8n inserts a column where it is dropped.
		const to = { x: x + 0.8 * width, y: y + height / 2 };
		const from = centreOf(await boxAtRest(source));
		await mouse.move(from.x, from.y);
		await mouse.down();
		await mouse.move(to.x, to.y, { steps: 20 });
		await this.page.waitForTimeout(200);
		await mouse.up();
	}

	field(name: string): Locator {
		return this.page.getByTestId(`parameter-input-${name}`).last();
	}

	/** Chooses an entry of a dropdown by its label. */
	async choose(field: string, label: string): Promise<void> {
		await this.field(field).click();
		await this.page.locator('.el-select-dropdown__item:visible', { hasText: label }).first().click();
	}

	/** Picks an entry of the list that a field offers, by a part of its label. */
	async pick(field: string, label: string): Promise<void> {
		await this.nodeWindow.getByTestId(`resource-locator-${field}`).getByTestId('rlc-input').click();
		await this.page.locator('[data-test-id=rlc-item]:visible', { hasText: label }).first().click();
	}

	/** Types a text at the end of an expression field. */
	async typeAtEnd(field: string, text: string): Promise<void> {
		const target = this.field(field);
		const { keyboard } = this.page;
		for (let round = 1; ; round++) {
			await target.click();
			await keyboard.press('ControlOrMeta+End');
			for (const key of text) {
				await keyboard.press(key);
			}
			try {
				const checkEnd = async () => {
					const shown = await target.innerText();
					assert.ok(shown.trimEnd().endsWith(text), shown);
				};
				await eventually(checkEnd, 5000);
				return;
			} catch (cause) {
				// An editor that is still busy with a drop inserts the text before the cursor has moved.
				if (round >= MOST_DRAGS) {
					throw cause;
				}
				for (const _ of text) {
					await keyboard.press('Backspace');
				}
			}
		}
	}

	/** Adds a field to a resource mapper that starts with none, by a part of its label. */
	async addMappedField(label: string): Promise<void> {
		await this.nodeWindow.getByTestId('add-fields-select').click();
		await this.page.getByText(label).last().click();
	}

	/** Sets the open node's resource mapper to map columns by their names. */
	async mapAutomatically(): Promise<void> {
		await this.nodeWindow.getByTestId('mapping-mode-select').click();
		await this.page
			.locator('.el-select-dropdown__item:visible', { hasText: 'Map Automatically' })
			.first()
			.click();
	}

	/** Adds an option to the open node's first collection (Row Handling) or its last one (Options). */
	async addOption(name: string, group: 'first' | 'last' = 'last'): Promise<void> {
		const added = this.nodeWindow.getByTestId('collection-parameter-add');
		await added.or(this.nodeWindow.locator('.param-options'))[group]().click();
		await this.page.locator('.el-select-dropdown__item:visible', { hasText: name }).first().click();
	}

	/** Removes an option of the open node with the trash icon next to its name. */
	async removeOption(name: string): Promise<void> {
		const option = this.nodeWindow.locator('.parameter-item', { hasText: name }).last();
		await option.hover();
		await option.locator('button[title="Delete"]').first().click();
		await option.waitFor({ state: 'hidden' });
	}

	async openTab(tab: 'params' | 'settings'): Promise<void> {
		const label = tab === 'params' ? 'Parameters' : 'Settings';
		await this.nodeWindow.getByText(label, { exact: true }).first().click();
	}

	/** Opens a node that is connected to the open one, with its button at the edge of the window. */
	async openConnectedNode(name: string): Promise<void> {
		const button = this.page.locator(`[data-test-id=floating-node][data-node-name="${name}"]`).first();
		await button.click();
		await button.waitFor({ state: 'hidden' });
		await this.page.getByTestId('node-parameters').waitFor();
	}

	/** Goes back from the open node to the canvas. */
	async closeNode(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.nodeWindow.waitFor({ state: 'hidden' });
	}

	/** The same with the window's button, which works even if a focused field intercepts the Escape key. */
	async closeNodeByButton(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
		await this.nodeWindow.waitFor({ state: 'hidden' });
	}

	/** Runs the open node. */
	async execute(): Promise<void> {
		await this.page.getByTestId('node-execute-button').click();
	}

	/** Runs the open node and waits until its output shows the banner. */
	async executeStep(banner: RegExp): Promise<void> {
		await this.execute();
		await this.output.getByText(banner).first().waitFor({ timeout: 60_000 });
		// The rows below it are shown a moment later.
		await atRest(async () => await this.output.innerText());
	}

	/** Switches the output of the open node to JSON, because its table truncates long texts. */
	async showOutputAsJson(): Promise<void> {
		await this.output
			.getByTestId('radio-button-json')
			.or(this.output.getByText('JSON', { exact: true }))
			.first()
			.click();
	}

	/** Waits until the open node's output shows all of these texts. */
	async expectInOutput(...texts: readonly RegExp[]): Promise<void> {
		await eventually(async () => {
			const shown = await this.output.innerText();
			for (const text of texts) {
				assert.match(shown, text);
			}
		});
	}

	/** Removes the focus from the current field, which closes its preview. */
	async leaveField(): Promise<void> {
		await this.page.getByTestId('ndv-input-panel').getByText('INPUT').or(this.output).first().click();
		await atRest(async () => await this.nodeWindow.innerText());
	}

	/** The window of the open node. */
	get nodeWindow(): Locator {
		return this.page.getByTestId('ndv');
	}

	get output(): Locator {
		return this.page.getByTestId('output-panel');
	}

	/** Closes the notifications in the corner, which cover other elements. */
	async closeMessages(): Promise<void> {
		const close = this.page.locator('.el-notification__closeBtn:visible').first();
		while (await close.isVisible()) {
			// Not a real mouse click: if the notification is just disappearing, that would hit and close the window below it.
			await close.dispatchEvent('click', undefined, { timeout: 1000 }).catch(() => undefined);
			await this.page.waitForTimeout(400);
		}
	}

	/** Waits until the canvas is at rest: it still moves after its nodes are visible. */
	async #canvasAtRest(): Promise<void> {
		await boxAtRest(this.page.getByTestId('canvas-node').first());
	}

	#canvasNode(name: string): Locator {
		return this.page.locator(`[data-test-id=canvas-node][data-node-name="${name}"]`).first();
	}

	#panelEntry(name: string): Locator {
		return this.page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: new RegExp(`^\\s*${name}\\s*$`) })
			.first();
	}

	#column(name: string): Locator {
		return this.page
			.getByTestId('ndv-input-panel')
			.getByTestId('run-data-schema-node-name')
			.filter({ hasText: new RegExp(`^${name}$`) })
			.first();
	}
}

/** Signs the owner in: sets the session cookie and the browser id that the editor sends with it. */
async function signIn({ context }: Browser, { origin, cookie, browserId }: Login): Promise<void> {
	const [name, value] = cookie.split('=') as [string, string];
	await context.addCookies([{ name, value, url: origin }]);
	await context.addInitScript({
		content: `if (location.origin === '${origin}') localStorage.setItem('n8n-browserId', '${browserId}')`,
	});
}

function centreOf({ x, y, width, height }: Box): { x: number; y: number } {
	return { x: x + width / 2, y: y + height / 2 };
}

/** The box of an element once it has stopped moving. */
async function boxAtRest(locator: Locator): Promise<Box> {
	return await atRest(async () => await locator.boundingBox());
}

/** Polls a value until it no longer changes. */
async function atRest<T>(read: () => Promise<T | null>): Promise<T> {
	let last: T | null = null;
	let checksAtRest = 0;
	return await eventually(async () => {
		const found = await read();
		checksAtRest = isDeepStrictEqual(found, last) ? checksAtRest + 1 : 0;
		last = found;
		if (found === null || checksAtRest < CHECKS_AT_REST) {
			throw new Error('The page keeps changing');
		}
		return found;
	});
}
