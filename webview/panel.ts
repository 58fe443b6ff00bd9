// The panel's page. State is the extension's: this asks for it and shows it.
import './panel.css';
import { connect } from './page/extension';
import { speakAsWritten } from './page/language';
import { PanelPage } from './panel/page';
import { onThemeChange } from './theme';

speakAsWritten();
const extension = connect((message) => page.receive(message));
const page = new PanelPage(document.getElementById('root')!, extension);
onThemeChange(() => page.themeChanged());
extension.post({ type: 'ready' });
