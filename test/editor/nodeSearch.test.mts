import { expect, test } from '@jest/globals';
import { sublimeSearch } from '@n8n/utils/search/sublime-search';
import codex from '../../nodes/TencentCloudIot/TencentCloudIot.node.json' with { type: 'json' };
import { TencentCloudIot } from '../../nodes/TencentCloudIot/TencentCloudIot.node';

const { displayName } = new TencentCloudIot().description;

/** By which n8n's editor searches for a node. */
const KEYS = [
	{ key: 'properties.displayName', weight: 1.3 },
	{ key: 'properties.codex.alias', weight: 1 },
];

test.each(['sync crm', 'push devices', 'smart lock', 'tencent', '客户', '推送', '同步', '设备', '智能门锁'])(
	"n8n's editor finds the node by '%s'",
	(words) => {
		const nodes = [{ properties: { displayName, codex } }];
		expect(sublimeSearch(words, nodes, KEYS)).toHaveLength(1);
	},
);
