import assert from 'node:assert/strict';
import { eventually } from '../setup/eventually.mts';
import type { Editor } from './editor.mts';
import type { Locator, Page } from './playwright.mts';

/** What a user fills in for the package's credential, with a custom endpoint. */
export interface CredentialInput {
	readonly appKey: string;
	readonly appSecret: string;
	readonly endpoint: string;
}

/** The window in which a credential is filled in and tested. */
export class CredentialWindow {
	readonly #page: Page;
	readonly #editor: Editor;

	constructor(editor: Editor) {
		this.#editor = editor;
		this.#page = editor.page;
	}

	get modal(): Locator {
		return this.#page.getByTestId('editCredential-modal');
	}

	/** Opens the window for a new credential of the open node. */
	async openNew(): Promise<void> {
		const emptyState = this.#page.getByTestId('node-credentials-empty-state').locator('button');
		const select = this.#page.getByTestId('node-credentials-select');
		await emptyState.or(select).first().click();
		// Older versions have a list that ends with the button.
		if (!(await emptyState.isVisible()) && (await select.isVisible())) {
			await this.#page
				.getByTestId('node-credentials-select-item-new')
				.locator('visible=true')
				.first()
				.click();
		}
		await this.#page.getByTestId('parameter-input-appKey').waitFor();
	}

	/** Opens the window for the open node's credential, which tests the credential. */
	async openExisting(): Promise<void> {
		await this.#page.getByTestId('credential-edit-button').click();
		await this.#page.getByTestId('parameter-input-appKey').waitFor();
	}

	async fill({ appKey, appSecret, endpoint }: CredentialInput): Promise<void> {
		await this.#type('appKey', appKey);
		await this.#type('appSecret', appSecret);
		await this.#editor.choose('platform', 'Custom Endpoint');
		await this.#type('endpoint', endpoint);
	}

	async save(): Promise<void> {
		await this.#page.getByTestId('credential-save-button').click();
	}

	/** Shows the saved credential: some versions close the window after a successful test, some do not. */
	async showSaved(): Promise<void> {
		const { modal } = this;
		await eventually(async () =>
			assert.ok((await this.#success.isVisible()) || !(await modal.isVisible()), 'The test did not succeed'),
		);
		// A version that shows the success may close the window a moment later.
		const closes = await modal.waitFor({ state: 'hidden', timeout: 4000 }).then(
			() => true,
			() => false,
		);
		if (closes) {
			await this.openExisting();
		}
	}

	/** Waits until the test has failed with this text in its details. */
	async waitForFailure(details: RegExp): Promise<void> {
		const { modal } = this;
		await modal
			.getByText(/Couldn.t connect with these settings/)
			.first()
			.waitFor();
		await modal.getByText('More details').first().click();
		await modal.getByText(details).first().waitFor();
	}

	async waitForSuccess(): Promise<void> {
		await this.#success.waitFor();
	}

	async close(): Promise<void> {
		const { modal } = this;
		await modal.locator('.el-dialog__headerbtn, button[aria-label*=lose]').first().click();
		await modal.waitFor({ state: 'hidden' });
	}

	get #success(): Locator {
		return this.#page.getByTestId('credentials-config-container-test-success');
	}

	async #type(field: string, text: string): Promise<void> {
		await this.#page.getByTestId(`parameter-input-${field}`).locator('input').first().fill(text);
	}
}
