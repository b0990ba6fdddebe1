import { limit, optional, optionGroup, setting, text } from '../../input/fields/fields';

/** How a Sync reports to people. */
export const messages = optionGroup({
	displayName: 'Messages',
	placeholder: 'Add setting',
	description: 'Robot, language and approval form of the message that a run reports',
	fields: {
		approvalForm: optional(
			text({
				displayName: 'Approval Form',
				placeholder: 'e.g. https://n8n.example.com/form/approve-a-plan',
				description: 'Address of the approval form, for the message about a stopped run',
				rule: () => undefined,
			}),
			'allow',
		),
		language: setting({
			displayName: 'Language',
			default: 'both',
			options: [
				{ name: 'Both', value: 'both', description: 'Chinese, then English' },
				{ name: 'Chinese', value: 'chinese' },
				{ name: 'English', value: 'english' },
			],
			description: "Language of 'Message'; 'Text' always has both",
		}),
		messageFor: setting({
			displayName: 'Message For',
			default: 'text',
			options: [
				{ name: 'DingTalk', value: 'dingtalk' },
				{ name: 'Feishu', value: 'feishu' },
				{ name: 'Slack', value: 'slack' },
				{ name: 'Teams', value: 'teams' },
				{ name: 'Text', value: 'text' },
				{ name: 'WeCom', value: 'wecom' },
			],
			description: "Robot that gets 'Message' as its request body; Confirm News judges its response",
		}),
	},
});

/** The option that says for how many months the receipts of a run are kept. */
export const keepReceipts = limit({
	displayName: 'Keep Receipts (Months)',
	noDataExpression: true,
	typeOptions: { minValue: 0, maxValue: 120, numberPrecision: 0 },
	default: 13,
	description: 'Months to keep what became of each customer, in Data Tables of this project (0 = none)',
});

export const largestLog = limit({
	displayName: 'Largest Log (MB)',
	noDataExpression: true,
	typeOptions: { minValue: 1, maxValue: 100_000 },
	default: 40,
	description: 'Space for the receipts of all months. The oldest month goes first.',
});
