// The panel's page.
import './panel.css';
