// The sidebar's page. State is the extension's: this asks for it and shows it.
import './sidebar.css';
import { connect } from './page/extension';
import { speakAsWritten } from './page/language';
import { SidebarPage } from './sidebar/page';
import { onThemeChange } from './theme';

speakAsWritten();
const extension = connect((message) => page.receive(message));
const page = new SidebarPage(document.getElementById('root')!, extension);
onThemeChange(() => page.themeChanged());
extension.post({ type: 'ready' });
