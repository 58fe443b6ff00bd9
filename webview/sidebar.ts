// The sidebar's page. State is the extension's: this asks for it and shows it.
import './sidebar.css';
import { connect } from './page/extension';
import { SidebarPage } from './sidebar/page';
import { onThemeChange } from './theme';

const extension = connect((message) => page.receive(message));
const page = new SidebarPage(document.getElementById('root')!, extension);
onThemeChange(() => page.themeChanged());
extension.post({ type: 'ready' });
